-- definition: Won and open deals of a period by type (new, expansion, renewal, other): how many and how much.
-- unit: minor units of the company's currency
-- owner: sales operations
SELECT
    d.meaning,
    COALESCE(d.type, '') AS type,
    COUNT(*) AS deals,
    CAST(SUM(d.value) AS BIGINT) AS value
FROM deal AS d
WHERE d.meaning IN ('won', 'open')
    AND d.value IS NOT NULL
    AND d.close_date >= :starts
    AND d.close_date <= CASE WHEN d.meaning = 'won' THEN :until ELSE :ends END
GROUP BY d.meaning, COALESCE(d.type, '')
ORDER BY d.meaning, COALESCE(d.type, '')
