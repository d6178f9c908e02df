-- definition: Open deals with their account, as known at the as-of: what the chances of a plan's accounts are
--   put together from.
-- unit: one row per deal
-- owner: sales operations
SELECT d.id, d.account_id
FROM deal AS d
WHERE d.meaning = 'open' AND d.account_id IS NOT NULL
ORDER BY d.id
