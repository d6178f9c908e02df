-- definition: Who owns each account, as known at the as-of; 0 for nobody.
-- unit: one row per account
-- owner: sales operations
SELECT a.id, COALESCE(a.owner_id, 0) AS owner_id
FROM account AS a
ORDER BY a.id
