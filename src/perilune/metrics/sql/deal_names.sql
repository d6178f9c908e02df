-- definition: Of deals by id, what names them: name, account, owner, stage. Deals outside of the reader's view are
--   missing.
-- unit: one row per deal
-- owner: sales operations
SELECT o.id, o.name, a.name AS account, s.name AS stage
FROM opportunity AS o
LEFT JOIN account AS a ON a.id = o.account_id
LEFT JOIN stage AS s ON s.id = o.stage_id
WHERE o.id IN (:ids)
