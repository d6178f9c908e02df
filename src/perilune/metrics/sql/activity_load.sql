-- definition: What each team carries: open deals and their value, and activities of the last seven days.
-- unit: counts, minor units of the company's currency
-- owner: sales operations
SELECT
    x.team_id,
    t.name AS team,
    CAST(SUM(x.reps) AS BIGINT) AS reps,
    CAST(SUM(x.deals) AS BIGINT) AS deals,
    CAST(SUM(x.value) AS BIGINT) AS value,
    CAST(SUM(x.activities) AS BIGINT) AS activities,
    CAST(SUM(x.overdue_tasks) AS BIGINT) AS overdue_tasks
FROM (
    SELECT p.team_id, 0 AS reps, COUNT(*) AS deals, COALESCE(SUM(d.value), 0) AS value, 0 AS activities, 0 AS overdue_tasks
    FROM deal AS d
    LEFT JOIN seat AS p ON p.rep_id = d.owner_id AND p.first_day <= :as_of_day AND p.last_day >= :as_of_day
    WHERE d.meaning = 'open' AND d.category <> 'omitted'
    GROUP BY p.team_id
    UNION ALL
    SELECT p.team_id, COUNT(DISTINCT p.rep_id), 0, 0, 0, 0
    FROM seat AS p
    INNER JOIN rep AS r ON r.id = p.rep_id AND (r.leave_date IS NULL OR r.leave_date >= :as_of_day)
    WHERE p.first_day <= :as_of_day AND p.last_day >= :as_of_day
    GROUP BY p.team_id
    UNION ALL
    SELECT
        p.team_id,
        0,
        0,
        0,
        COUNT(CASE WHEN a.starts_at > :as_of - INTERVAL '7' DAY AND COALESCE(a.is_done, TRUE) = TRUE THEN 1 END),
        COUNT(CASE WHEN a.type = 'task' AND a.is_done = FALSE THEN 1 END)
    FROM activity AS a
    INNER JOIN seat AS p ON p.rep_id = a.owner_id AND p.first_day <= :as_of_day AND p.last_day >= :as_of_day
    WHERE a.starts_at <= :as_of
        AND (a.starts_at > :as_of - INTERVAL '7' DAY OR (a.type = 'task' AND a.is_done = FALSE))
    GROUP BY p.team_id
) AS x
LEFT JOIN team AS t ON t.id = x.team_id
GROUP BY x.team_id, t.name
ORDER BY t.name
