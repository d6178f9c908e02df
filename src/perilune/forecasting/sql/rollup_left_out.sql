-- definition: Open deals that no period's roll-up holds: without an expected close, or with one before the first
--   day of the period.
-- unit: minor units of the company's currency
-- owner: sales operations
SELECT
    CASE WHEN d.close_date IS NULL THEN 'undated' ELSE 'overdue' END AS reason,
    COUNT(*) AS deals,
    CAST(SUM(COALESCE(d.value, 0)) AS BIGINT) AS value
FROM deal AS d
WHERE d.meaning = 'open'
    AND d.category <> 'omitted'
    AND (d.close_date IS NULL OR d.close_date < :starts)
GROUP BY CASE WHEN d.close_date IS NULL THEN 'undated' ELSE 'overdue' END
ORDER BY 1
