-- definition: Which team, region, manager and selling role a rep had on each day: the assignment with the largest
--   share of the rep's time, then the one that began last. Spans of a rep never overlap.
-- unit: one row per rep and span of days, both ends included
-- owner: sales operations
WITH held AS (
    SELECT
        a.id,
        a.rep_id,
        a.team_id,
        a.manager_id,
        COALESCE(a.fte, 1.0) AS fte,
        a.weekly_hours,
        a.role,
        COALESCE(a.effective_from, DATE '1900-01-01') AS since,
        COALESCE(a.effective_to, DATE '9999-12-30') AS until
    FROM assignment AS a
),

marks AS (
    SELECT h.rep_id, h.since AS day FROM held AS h
    UNION
    SELECT h.rep_id, CAST(h.until + INTERVAL '1' DAY AS DATE) AS day FROM held AS h
),

spans AS (
    SELECT m.rep_id, m.day, LEAD(m.day) OVER (PARTITION BY m.rep_id ORDER BY m.day) AS next_day
    FROM marks AS m
),

ranked AS (
    SELECT
        h.rep_id,
        h.team_id,
        h.manager_id,
        h.fte,
        h.weekly_hours,
        h.role,
        s.day AS first_day,
        CAST(s.next_day - INTERVAL '1' DAY AS DATE) AS last_day,
        ROW_NUMBER() OVER (
            PARTITION BY s.rep_id, s.day ORDER BY h.fte DESC, h.since DESC, h.id
        ) AS place
    FROM spans AS s
    INNER JOIN held AS h ON h.rep_id = s.rep_id AND s.day >= h.since AND s.day <= h.until
    WHERE s.next_day IS NOT NULL
)

SELECT
    r.rep_id, r.team_id, g.region_id, r.manager_id, r.fte, r.weekly_hours, r.role, r.first_day,
    r.last_day
FROM ranked AS r
LEFT JOIN team_region AS g ON g.team_id = r.team_id
WHERE r.place = 1
