-- definition: Tasks that are due by the as-of and not done, the oldest first.
-- unit: one row per task
-- owner: sales operations
SELECT
    a.id,
    a.subject,
    r.name AS owner,
    c.name AS account,
    a.opportunity_id,
    CAST(a.starts_at AS DATE) AS due,
    DATE_DIFF('day', CAST(a.starts_at AS DATE), :as_of_day) AS days_late
FROM activity AS a
LEFT JOIN rep AS r ON r.id = a.owner_id
LEFT JOIN account AS c ON c.id = a.account_id
WHERE a.type = 'task' AND COALESCE(a.is_done, FALSE) = FALSE AND a.starts_at <= :as_of
ORDER BY a.starts_at, a.id
LIMIT 20
