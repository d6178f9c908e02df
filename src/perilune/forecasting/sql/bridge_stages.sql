-- definition: What the stages mean at the as-of and in which category their deals are.
-- unit: one row per stage
-- owner: sales operations
SELECT s.id, s.name, COALESCE(s.meaning, 'open') AS meaning, COALESCE(s.category, 'pipeline') AS category
FROM stage AS s
ORDER BY s.id
