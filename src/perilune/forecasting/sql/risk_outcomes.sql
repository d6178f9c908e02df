-- definition: What became of deals by the as-of: open, won or lost.
-- unit: one row per deal
-- owner: sales management
SELECT d.id, d.meaning
FROM deal AS d
WHERE d.id IN (:ids)
ORDER BY d.id
