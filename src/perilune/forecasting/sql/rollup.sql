-- definition: What the deals of a period come to by team, rep and forecast category: won up to the as-of, open
--   with an expected close in the period; «omitted» are open deals that somebody left out of the forecast.
--   A won deal counts for who is credited, in the team of the day it closed; an open one in the team of the
--   as-of, that of a leaver in the last team. The category of an open deal is its own, else its stage's.
-- unit: minor units of the company's currency times 10,000 (shares are basis points)
-- owner: sales operations
SELECT
    p.team_id,
    p.rep_id,
    p.category,
    CAST(SUM(COALESCE(p.value, 0) * p.share) AS BIGINT) AS credit,
    CAST(SUM(CASE WHEN p.is_rate_missing THEN 1 ELSE 0 END) AS BIGINT) AS missing
FROM period_deal AS p
GROUP BY p.team_id, p.rep_id, p.category
ORDER BY p.team_id, p.rep_id, p.category
