-- definition: FTE-months of each rep in each team over a span of days: the FTE of each day, absence deducted, of
--   days in fiscal month m counted as 1 / days of m. Reps without a hire date are listed apart.
-- unit: FTE-months
-- owner: sales operations
WITH months AS (
    SELECT d.month, COUNT(*) AS days
    FROM day AS d
    GROUP BY d.month
)

SELECT
    r.rep_id,
    r.team_id,
    r.region_id,
    r.hired,
    SUM(r.fte / m.days) AS fte_months
FROM rep_day AS r
INNER JOIN day AS d ON d.day = r.day
INNER JOIN months AS m ON m.month = d.month
WHERE r.day >= :starts AND r.day <= :ends
GROUP BY r.rep_id, r.team_id, r.region_id, r.hired
ORDER BY r.rep_id, r.team_id
