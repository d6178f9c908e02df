-- definition: Open deals of some accounts that belong to the account's owner, as known at the as-of, with
--   their category: what a move of the account may take along (rule 31).
-- unit: one row per deal
-- owner: sales operations
SELECT d.id, d.account_id, d.owner_id, d.category
FROM deal AS d
INNER JOIN account AS a ON a.id = d.account_id AND a.owner_id = d.owner_id
WHERE d.meaning = 'open' AND d.account_id IN (:ids)
ORDER BY d.id
