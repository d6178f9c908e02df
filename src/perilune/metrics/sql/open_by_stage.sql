-- definition: Open deals that are not omitted by stage and forecast category.
-- unit: counts, minor units of the company's currency
-- owner: sales operations
SELECT
    u.stage_position,
    COALESCE(u.stage_name, '') AS stage,
    u.category,
    COUNT(*) AS n,
    COALESCE(SUM(CAST(u.value * u.share AS DOUBLE)), 0.0) AS value
FROM unit_deal AS u
WHERE u.meaning = 'open' AND u.category <> 'omitted'
GROUP BY u.stage_position, COALESCE(u.stage_name, ''), u.category
ORDER BY u.stage_position, stage, u.category
