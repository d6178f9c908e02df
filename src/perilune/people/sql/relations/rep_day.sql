-- definition: Who was there on each day, for whom and with how much of their time: absence is deducted, in
--   proportion where a rep has two assignments. Rows stand between hire date and last day only; `hired`
--   is false where the hire date is unknown: such a rep counts as listed, not per FTE. Without an
--   assignment in force a rep has no team and counts in full, with an unknown hire date only if there
--   never was an assignment.
-- unit: one row per day, rep and assignment in force; FTE
-- owner: sales operations
SELECT
    held.day,
    held.rep_id,
    held.team_id,
    region.region_id,
    held.manager_id,
    CASE
        WHEN held.total <= 0 THEN 0.0
        WHEN COALESCE(away.fte, 0.0) >= held.total THEN 0.0
        ELSE held.fte * (1.0 - COALESCE(away.fte, 0.0) / held.total)
    END AS fte,
    held.hired
FROM (
    SELECT
        d.day,
        r.id AS rep_id,
        a.team_id,
        a.manager_id,
        CASE WHEN a.id IS NULL THEN 1.0 ELSE COALESCE(a.fte, 1.0) END AS fte,
        SUM(CASE WHEN a.id IS NULL THEN 1.0 ELSE COALESCE(a.fte, 1.0) END)
            OVER (PARTITION BY d.day, r.id) AS total,
        r.hire_date IS NOT NULL AS hired
    FROM rep AS r
    CROSS JOIN day AS d
    LEFT JOIN (SELECT DISTINCT rep_id FROM assignment) AS known ON known.rep_id = r.id
    LEFT JOIN assignment AS a
        ON a.rep_id = r.id
        AND d.day >= COALESCE(a.effective_from, DATE '1900-01-01')
        AND d.day <= COALESCE(a.effective_to, DATE '9999-12-31')
    WHERE d.day >= COALESCE(r.hire_date, DATE '1900-01-01')
        AND d.day <= COALESCE(r.leave_date, DATE '9999-12-31')
        AND (a.id IS NOT NULL OR r.hire_date IS NOT NULL OR known.rep_id IS NULL)
) AS held
LEFT JOIN team_region AS region ON region.team_id = held.team_id
LEFT JOIN (
    SELECT d.day, b.rep_id, SUM(COALESCE(b.fte, 1.0)) AS fte
    FROM absence AS b
    JOIN day AS d
        ON d.day >= b.first_day
        AND d.day <= COALESCE(b.last_day, DATE '9999-12-31')
    GROUP BY d.day, b.rep_id
) AS away ON away.rep_id = held.rep_id AND away.day = held.day
