-- definition: The quota of each rep, team and of the company (both null) over a span of days, by level: the quota
--   of exactly these days; else the sum of those inside that are not part of a longer one inside; else
--   the days' share of the shortest one around, marked as prorated. A unit without any is missing.
-- unit: minor units of the company's currency
-- owner: sales operations
WITH placed AS (
    SELECT
        COALESCE(q.rep_id, 0) AS rep,
        CASE WHEN q.rep_id IS NULL THEN COALESCE(q.team_id, 0) ELSE 0 END AS team,
        q.level,
        q.starts,
        q.ends,
        q.amount,
        CASE
            WHEN q.starts = :starts AND q.ends = :ends THEN 1
            WHEN q.starts >= :starts AND q.ends <= :ends THEN 2
            ELSE 3
        END AS place
    FROM quota_in_force AS q
    WHERE q.amount IS NOT NULL
        AND (
            (q.starts >= :starts AND q.ends <= :ends)
            OR (q.starts <= :starts AND q.ends >= :ends)
        )
),

best AS (
    SELECT p.rep, p.team, p.level, MIN(p.place) AS place
    FROM placed AS p
    GROUP BY p.rep, p.team, p.level
),

whole AS (
    SELECT p.rep, p.team, p.level, p.place, p.starts, p.ends, p.amount
    FROM placed AS p
    INNER JOIN best AS b
        ON b.rep = p.rep AND b.team = p.team AND b.level = p.level AND b.place = p.place
    WHERE NOT EXISTS (
        SELECT 1
        FROM placed AS o
        WHERE o.rep = p.rep
            AND o.team = p.team
            AND o.level = p.level
            AND o.place = p.place
            AND (
                (
                    p.place = 2 AND o.starts <= p.starts AND o.ends >= p.ends
                    AND (o.starts < p.starts OR o.ends > p.ends)
                )
                OR (
                    p.place = 3 AND o.starts >= p.starts AND o.ends <= p.ends
                    AND (o.starts > p.starts OR o.ends < p.ends)
                )
            )
    )
),

days AS (
    SELECT COUNT(*) AS days
    FROM day AS d
    WHERE d.day >= :starts AND d.day <= :ends
)

SELECT
    NULLIF(w.rep, 0) AS rep_id,
    NULLIF(w.team, 0) AS team_id,
    w.level,
    CAST(
        SUM(
            CASE
                WHEN w.place = 3
                    THEN ROUND(w.amount * CAST(s.days AS DOUBLE) / (1.0 + DATEDIFF('day', w.starts, w.ends)))
                ELSE w.amount
            END
        ) AS BIGINT
    ) AS amount,
    MAX(w.place) = 3 AS is_prorated
FROM whole AS w
CROSS JOIN days AS s
GROUP BY w.rep, w.team, w.level
ORDER BY w.rep, w.team, w.level
