-- definition: Open deals that are not omitted by stage and forecast category.
-- unit: counts, minor units of the company's currency
-- owner: sales operations
SELECT
    d.stage_position,
    COALESCE(d.stage_name, '') AS stage,
    d.category,
    COUNT(*) AS n,
    CAST(COALESCE(SUM(d.value), 0) AS BIGINT) AS value
FROM deal AS d
WHERE d.meaning = 'open' AND d.category <> 'omitted'
GROUP BY d.stage_position, COALESCE(d.stage_name, ''), d.category
ORDER BY d.stage_position, stage, d.category
