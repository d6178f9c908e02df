-- definition: From when to when each rep was employed (0), assigned to a team (1) or absent (2), and how much of a full
--   time, as it was known over time: for new business, which ends with the rep who brings it.
-- reading: Days are numbered from the first day of data. Known at the end of a day from known_from until the day before
--   known_to (-1: still known); low and high as in `won`.
-- unit: one row per version of a rep, an assignment or an absence; FTE
-- owner: sales operations
WITH spans AS (
    SELECT
        0 AS kind, r.id AS rep_id, r.hire_date AS first_day, r.leave_date AS last_day, 1.0 AS fte,
        r.valid_from, r.valid_to
    FROM rep_version AS r
    UNION ALL
    SELECT 1, a.rep_id, a.effective_from, a.effective_to, COALESCE(a.fte, 1.0), a.valid_from, a.valid_to
    FROM assignment_version AS a
    UNION ALL
    SELECT 2, b.rep_id, b.first_day, b.last_day, COALESCE(b.fte, 1.0), b.valid_from, b.valid_to
    FROM absence_version AS b
)

SELECT
    s.kind,
    s.rep_id,
    DATEDIFF('day', :first_day, COALESCE(s.first_day, DATE '1900-01-01')) AS since,
    DATEDIFF('day', :first_day, COALESCE(s.last_day, DATE '9999-12-31')) AS until,
    CAST(s.fte AS DOUBLE) AS fte,
    DATEDIFF('day', :first_day, CAST(s.valid_from + INTERVAL '1' SECOND * :low AS DATE)) AS from_low,
    DATEDIFF('day', :first_day, CAST(s.valid_from + INTERVAL '1' SECOND * :high AS DATE)) AS from_high,
    CASE WHEN s.valid_to < TIMESTAMP '9999-01-01 00:00:00'
        THEN DATEDIFF('day', :first_day, CAST(s.valid_to + INTERVAL '1' SECOND * :low AS DATE))
    ELSE -1 END AS to_low,
    CASE WHEN s.valid_to < TIMESTAMP '9999-01-01 00:00:00'
        THEN DATEDIFF('day', :first_day, CAST(s.valid_to + INTERVAL '1' SECOND * :high AS DATE))
    ELSE -1 END AS to_high
FROM spans AS s
WHERE s.rep_id IS NOT NULL
ORDER BY s.rep_id, s.kind, s.valid_from, s.first_day, s.last_day, s.fte
