-- definition: The deals behind one cell of the roll-up, largest credited value first. Team 0 stands for deals
--   that belong to no team, rep 0 for those that belong to nobody.
-- unit: minor units of the company's currency; share in basis points
-- owner: sales operations
SELECT
    p.id,
    p.name,
    p.rep_id,
    r.name AS rep_name,
    p.category,
    p.close_date,
    p.stage_name,
    CAST(ROUND(p.value * p.share / 10000.0) AS BIGINT) AS value,
    p.share,
    CAST(COUNT(*) OVER () AS BIGINT) AS of_all,
    CAST(SUM(COALESCE(p.value, 0) * p.share) OVER () AS BIGINT) AS credit
FROM period_deal AS p
LEFT JOIN rep AS r ON r.id = p.rep_id
WHERE p.category IN (:categories)
    AND (:any_team OR COALESCE(p.team_id, 0) IN (:teams))
    AND (:any_rep OR COALESCE(p.rep_id, 0) IN (:reps))
ORDER BY COALESCE(p.value, 0) * p.share DESC, p.id, p.rep_id
LIMIT 200
