-- definition: Reps and teams as known at the as-of, with the dates of a rep's employment.
-- unit: one row per rep or team
-- owner: sales operations
SELECT 'rep' AS kind, r.id, r.name, r.hire_date, r.leave_date
FROM rep AS r
UNION ALL
SELECT 'team' AS kind, t.id, t.name, CAST(NULL AS DATE) AS hire_date, CAST(NULL AS DATE) AS leave_date
FROM team AS t
