-- definition: The accounts of a rep that a departure hands over, as known at the as-of, with what is open on
--   them, their segment and sector, and where they lie.
-- unit: one row per account; minor units of the company's currency
-- owner: sales operations
SELECT
    a.id,
    a.name,
    COALESCE(a.segment, '') AS segment,
    COALESCE(a.industry, '') AS sector,
    a.latitude,
    a.longitude,
    p.value
FROM account AS a
LEFT JOIN (
    SELECT d.account_id, SUM(d.value) AS value
    FROM deal AS d
    WHERE d.meaning = 'open'
    GROUP BY d.account_id
) AS p ON p.account_id = a.id
WHERE a.owner_id = :owner_id
ORDER BY a.id
