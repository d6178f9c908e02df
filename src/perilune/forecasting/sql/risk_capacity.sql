-- definition: Of each rep who sells on the as-of day, the working days of the rest of the period in FTE: as
--   assigned today, and as they remain after departures and absences on record.
-- unit: FTE days
-- owner: sales operations
WITH rest AS (
    SELECT d.day
    FROM day AS d
    WHERE d.day > :as_of_day AND d.day <= :ends AND d.is_workday
),

seated AS (
    SELECT r.id AS rep_id, COALESCE(SUM(COALESCE(a.fte, 1.0)), 1.0) AS fte
    FROM rep AS r
    LEFT JOIN assignment AS a
        ON a.rep_id = r.id
        AND COALESCE(a.effective_from, DATE '1900-01-01') <= :as_of_day
        AND COALESCE(a.effective_to, DATE '9999-12-31') >= :as_of_day
    WHERE r.hire_date <= :as_of_day AND COALESCE(r.leave_date, DATE '9999-12-31') >= :as_of_day
    GROUP BY r.id
),

present AS (
    SELECT p.rep_id, SUM(p.fte) AS days
    FROM rep_day AS p
    INNER JOIN rest AS d ON d.day = p.day
    GROUP BY p.rep_id
)

SELECT
    s.rep_id,
    s.fte * c.days AS planned,
    LEAST(COALESCE(p.days, 0.0), s.fte * c.days) AS remaining
FROM seated AS s
CROSS JOIN (SELECT CAST(COUNT(*) AS DOUBLE) AS days FROM rest) AS c
LEFT JOIN present AS p ON p.rep_id = s.rep_id
WHERE s.fte > 0
ORDER BY s.rep_id
