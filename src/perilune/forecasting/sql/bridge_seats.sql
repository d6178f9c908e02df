-- definition: Every assignment of a rep to a team known at the as-of, with the team's region: of several in force
--   on a day the first one holds, the one with the largest share of the rep's time, then the one that began
--   last.
-- unit: one row per assignment; days included
-- owner: sales operations
SELECT
    a.rep_id,
    a.team_id,
    g.region_id,
    COALESCE(a.effective_from, DATE '1900-01-01') AS since,
    COALESCE(a.effective_to, DATE '9999-12-30') AS until
FROM assignment AS a
LEFT JOIN team_region AS g ON g.team_id = a.team_id
ORDER BY a.rep_id, COALESCE(a.fte, 1.0) DESC, COALESCE(a.effective_from, DATE '1900-01-01') DESC, a.id
