-- definition: The largest open deals (the first 400 by value) with what speaks against them: overdue close
--   date, days without activity or change, moves of the close date to a later quarter, no next step.
-- unit: one row per deal; minor units of the company's currency
-- owner: sales management
WITH largest AS (
    SELECT
        d.id,
        d.name,
        d.owner_id,
        d.account_id,
        d.close_date,
        d.next_step,
        d.stage_name,
        d.value,
        d.valid_from
    FROM deal AS d
    WHERE d.meaning = 'open' AND d.category <> 'omitted'
    ORDER BY COALESCE(d.value, 0) DESC, d.id
    LIMIT 400
),

touched AS (
    SELECT a.opportunity_id AS id, MAX(CAST(a.starts_at AS DATE)) AS day
    FROM activity AS a
    WHERE a.starts_at <= :as_of AND a.opportunity_id IN (SELECT g.id FROM largest AS g)
    GROUP BY a.opportunity_id
),

dated AS (
    SELECT
        v.id,
        v.close_date,
        LAG(v.close_date) OVER (PARTITION BY v.id ORDER BY v.valid_from) AS before_date
    FROM opportunity_version AS v
    WHERE v.id IN (SELECT g.id FROM largest AS g)
),

pushed AS (
    SELECT m.id, COUNT(*) AS pushes
    FROM dated AS m
    INNER JOIN day AS after_day ON after_day.day = m.close_date
    INNER JOIN day AS before_day ON before_day.day = m.before_date
    WHERE m.close_date > m.before_date AND after_day.quarter <> before_day.quarter
    GROUP BY m.id
)

SELECT
    g.id,
    g.name,
    g.owner_id,
    r.name AS owner,
    c.name AS account,
    g.stage_name AS stage,
    g.close_date,
    g.value,
    COALESCE(g.close_date < :as_of_day, FALSE) AS is_overdue,
    DATE_DIFF('day', GREATEST(COALESCE(t.day, CAST(g.valid_from AS DATE)), CAST(g.valid_from AS DATE)), :as_of_day)
        AS silent_days,
    COALESCE(p.pushes, 0) AS pushes,
    COALESCE(g.next_step, '') = '' AS has_no_next_step
FROM largest AS g
LEFT JOIN rep AS r ON r.id = g.owner_id
LEFT JOIN account AS c ON c.id = g.account_id
LEFT JOIN touched AS t ON t.id = g.id
LEFT JOIN pushed AS p ON p.id = g.id
ORDER BY COALESCE(g.value, 0) DESC, g.id
