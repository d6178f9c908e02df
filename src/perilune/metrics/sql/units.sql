-- definition: The reps and teams known at the as-of: reps with their team on that day (or their last one),
--   teams with the team above.
-- unit: one row per rep or team
-- owner: sales operations
SELECT 'rep' AS kind, r.id, r.name, p.team_id
FROM rep AS r
LEFT JOIN (
    SELECT
        s.rep_id,
        s.team_id,
        ROW_NUMBER() OVER (PARTITION BY s.rep_id ORDER BY s.first_day DESC) AS place
    FROM seat AS s
    WHERE s.first_day <= :as_of_day
) AS p ON p.rep_id = r.id AND p.place = 1
UNION ALL
SELECT 'team' AS kind, t.id, t.name, t.parent_id AS team_id
FROM team AS t
