-- definition: Who sits in which team on a day (the end of a period, or the as-of before it) and which team is below which, for quotas that are
--   not set for the team itself.
-- unit: one row per team, and per rep with a team
-- owner: sales operations
SELECT 'team' AS kind, t.id, t.parent_id AS team_id
FROM team AS t
UNION ALL
SELECT held.kind, held.id, held.team_id
FROM (
    SELECT
        'rep' AS kind,
        a.rep_id AS id,
        a.team_id,
        ROW_NUMBER() OVER (
            PARTITION BY a.rep_id ORDER BY COALESCE(a.fte, 1.0) DESC, a.effective_from DESC, a.id
        ) AS place
    FROM assignment AS a
    INNER JOIN rep AS r ON r.id = a.rep_id
    WHERE COALESCE(a.effective_from, DATE '1900-01-01') <= :until
        AND COALESCE(a.effective_to, DATE '9999-12-31') >= :until
        AND COALESCE(r.leave_date, DATE '9999-12-31') >= :until
        AND a.team_id IS NOT NULL
) AS held
WHERE held.place = 1
