-- definition: Who is employed on a day (the end of a period, or the as-of before it), in which team and selling
--   role: the assignment in force with the most time, none where there is none.
-- unit: one row per rep
-- owner: sales operations
SELECT r.id AS rep_id, r.name, s.team_id, COALESCE(s.role, 'seller') AS role
FROM rep AS r
LEFT JOIN (
    SELECT held.rep_id, held.team_id, held.role
    FROM (
        SELECT
            a.rep_id,
            a.team_id,
            a.role,
            ROW_NUMBER() OVER (
                PARTITION BY a.rep_id ORDER BY COALESCE(a.fte, 1.0) DESC, a.effective_from DESC, a.id
            ) AS place
        FROM assignment AS a
        WHERE COALESCE(a.effective_from, DATE '1900-01-01') <= :until
            AND COALESCE(a.effective_to, DATE '9999-12-31') >= :until
    ) AS held
    WHERE held.place = 1
) AS s ON s.rep_id = r.id
WHERE COALESCE(r.hire_date, DATE '1900-01-01') <= :until
    AND COALESCE(r.leave_date, DATE '9999-12-31') >= :until
ORDER BY r.id
