-- definition: What reps booked by fiscal month between two days: the credited amounts of won deals, overlay
--   apart, at the budget rate of the day they closed. Deals without a rate are counted and not in it.
-- unit: minor units of the company's currency
-- owner: finance
SELECT
    c.rep_id,
    t.month,
    CAST(ROUND(SUM(CAST(d.value * c.share AS DOUBLE))) AS BIGINT) AS booked,
    SUM(CASE WHEN d.is_rate_missing THEN 1 ELSE 0 END) AS without_rate
FROM deal AS d
INNER JOIN credit AS c ON c.deal_id = d.id AND c.is_overlay = FALSE
INNER JOIN day AS t ON t.day = d.closed_date
WHERE d.meaning = 'won' AND d.closed_date >= :starts AND d.closed_date <= :ends
GROUP BY c.rep_id, t.month
ORDER BY c.rep_id, t.month
