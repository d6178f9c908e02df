-- definition: The value of open deals due in the period; with :any_date of all open deals.
-- unit: minor units of the company's currency
-- owner: sales operations
SELECT COUNT(*) AS n, CAST(COALESCE(SUM(d.value), 0) AS BIGINT) AS value
FROM deal AS d
WHERE d.meaning = 'open'
    AND d.category <> 'omitted'
    AND (:any_date OR (d.close_date >= :starts AND d.close_date <= :ends))
