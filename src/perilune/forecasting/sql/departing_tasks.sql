-- definition: The tasks of a rep that are not done, as known at the as-of, with what they are about.
-- unit: one row per task
-- owner: sales operations
SELECT t.id, t.account_id, t.opportunity_id
FROM activity AS t
WHERE t.type = 'task' AND COALESCE(t.is_done, FALSE) = FALSE AND t.owner_id = :owner_id
ORDER BY t.id
