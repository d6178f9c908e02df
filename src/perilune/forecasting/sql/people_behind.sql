-- definition: How many reps stand behind the wins of each region or team; a figure about too few people is
--   withheld from who may only see groups.
-- unit: reps
-- owner: sales operations
WITH closings AS (
    SELECT DISTINCT rep_id, close_date FROM credited_win
),

seated AS (
    SELECT held.rep_id, held.close_date, held.team_id, g.region_id
    FROM (
        SELECT
            w.rep_id,
            w.close_date,
            a.team_id,
            -- of several assignments in force the one with the most time, then the latest
            ROW_NUMBER() OVER (
                PARTITION BY w.rep_id, w.close_date
                ORDER BY COALESCE(a.fte, 1.0) DESC, a.effective_from DESC, a.id
            ) AS place
        FROM closings AS w
        INNER JOIN rep AS r
            ON r.id = w.rep_id
            AND w.close_date >= COALESCE(r.hire_date, DATE '1900-01-01')
            AND w.close_date <= COALESCE(r.leave_date, DATE '9999-12-31')
        INNER JOIN assignment AS a
            ON a.rep_id = r.id
            AND w.close_date >= COALESCE(a.effective_from, DATE '1900-01-01')
            AND w.close_date <= COALESCE(a.effective_to, DATE '9999-12-31')
    ) AS held
    LEFT JOIN team_region AS g ON g.team_id = held.team_id
    WHERE held.place = 1
),

placed AS (
    SELECT CASE WHEN :by = 'region' THEN p.region_id ELSE p.team_id END AS unit_id, p.rep_id
    FROM seated AS p
)

SELECT p.unit_id, COUNT(DISTINCT p.rep_id) AS reps
FROM placed AS p
GROUP BY p.unit_id
ORDER BY p.unit_id
