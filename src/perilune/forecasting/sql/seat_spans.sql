-- definition: Who sat in which team from when to when, and in which region: for open deals, which count for
--   the team that their owner sits in on the day that is asked about.
-- reading: Days are numbered from the first day of data; the first row of a rep that holds on a day counts.
-- unit: one row per assignment
-- owner: sales operations
SELECT
    a.rep_id,
    COALESCE(a.team_id, -1) AS team_id,
    COALESCE(g.region_id, -1) AS region_id,
    DATEDIFF('day', :first_day, COALESCE(a.effective_from, DATE '1900-01-01')) AS since,
    DATEDIFF('day', :first_day, COALESCE(a.effective_to, DATE '9999-12-31')) AS until
FROM assignment AS a
INNER JOIN rep AS r ON r.id = a.rep_id
LEFT JOIN team_region AS g ON g.team_id = a.team_id
ORDER BY a.rep_id, COALESCE(a.fte, 1.0) DESC, a.effective_from DESC, a.id
