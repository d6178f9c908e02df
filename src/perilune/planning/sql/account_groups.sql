-- definition: Segments and sectors of accounts known at the as-of, with the number of accounts:
--   what a shock or a price change of a scenario can be aimed at.
-- unit: one row per segment or sector
-- owner: sales operations
SELECT g.what, g.name, COUNT(*) AS accounts
FROM (
    SELECT 'segment' AS what, a.segment AS name FROM account AS a WHERE a.segment <> ''
    UNION ALL
    SELECT 'sector' AS what, a.industry AS name FROM account AS a WHERE a.industry <> ''
) AS g
GROUP BY g.what, g.name
ORDER BY g.what, g.name
