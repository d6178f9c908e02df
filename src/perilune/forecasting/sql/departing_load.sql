-- definition: What each rep has open as known at the as-of: whoever has least takes over first.
-- unit: one row per rep with open deals; minor units of the company's currency
-- owner: sales operations
SELECT d.owner_id, SUM(COALESCE(d.value, 0)) AS value
FROM deal AS d
WHERE d.meaning = 'open' AND d.owner_id IS NOT NULL
GROUP BY d.owner_id
ORDER BY d.owner_id
