-- definition: Which of the deals :ids are still there at the as-of, whoever holds them.
-- unit: deals
-- owner: sales operations
SELECT o.id
FROM opportunity AS o
WHERE o.id IN (:ids)
ORDER BY o.id
