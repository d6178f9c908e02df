-- definition: Deals won in a period by who is credited, with the team of the day they closed.
-- unit: minor units of the company's currency times 10,000 (shares are basis points)
-- owner: finance
SELECT p.id, p.name, p.team_id, p.rep_id, CAST(SUM(COALESCE(p.value, 0) * p.share) AS BIGINT) AS credit
FROM period_deal AS p
WHERE p.meaning = 'won'
GROUP BY p.id, p.name, p.team_id, p.rep_id
ORDER BY p.id, p.team_id, p.rep_id
