-- definition: What is known of each open deal (all with :every, else those of :ids) at the as-of, for its risks: since when it is open and in its
--   stage, moves of the expected close to a later quarter, the last two-way activity and the last of any kind, known
--   people at the customer (contact roles, the main contact, contacts of activities), value, next step. Omitted
--   deals are left out.
-- unit: one row per open deal; minor units of the company's currency
-- owner: sales management
WITH looked_at AS (
    SELECT
        d.id,
        d.owner_id,
        d.account_id,
        d.stage_id,
        d.product_id,
        d.contact_id,
        d.created_date,
        d.close_date,
        d.next_step,
        d.value
    FROM deal AS d
    WHERE d.meaning = 'open' AND d.category <> 'omitted' AND (:every OR d.id IN (:ids))
),

steps AS (
    SELECT
        v.id,
        v.valid_from,
        v.stage_id,
        v.close_date,
        LAG(v.stage_id) OVER (PARTITION BY v.id ORDER BY v.valid_from) AS before_stage,
        LAG(v.close_date) OVER (PARTITION BY v.id ORDER BY v.valid_from) AS before_date,
        ROW_NUMBER() OVER (PARTITION BY v.id ORDER BY v.valid_from) AS step
    FROM opportunity_version AS v
    WHERE v.id IN (SELECT l.id FROM looked_at AS l)
),

staged AS (
    SELECT
        s.id,
        CAST(MIN(s.valid_from) AS DATE) AS first_day,
        CAST(
            MAX(
                CASE
                    WHEN s.step = 1 OR COALESCE(s.stage_id, 0) <> COALESCE(s.before_stage, 0) THEN s.valid_from
                END
            ) AS DATE
        ) AS since
    FROM steps AS s
    GROUP BY s.id
),

pushed AS (
    SELECT s.id, COUNT(*) AS pushes
    FROM steps AS s
    INNER JOIN day AS after_day ON after_day.day = s.close_date
    INNER JOIN day AS before_day ON before_day.day = s.before_date
    WHERE s.close_date > s.before_date AND after_day.quarter <> before_day.quarter
    GROUP BY s.id
),

met AS (
    SELECT
        t.opportunity_id AS id,
        t.contact_id,
        MAX(CASE WHEN t.is_two_way THEN t.starts_at END) AS heard_at,
        MAX(t.starts_at) AS touched_at
    FROM touch AS t
    WHERE t.starts_at <= :as_of AND t.opportunity_id IN (SELECT l.id FROM looked_at AS l)
    GROUP BY t.opportunity_id, t.contact_id
),

touched AS (
    SELECT m.id, CAST(MAX(m.heard_at) AS DATE) AS heard_day, CAST(MAX(m.touched_at) AS DATE) AS day
    FROM met AS m
    GROUP BY m.id
),

known AS (
    SELECT p.id, COUNT(DISTINCT p.contact_id) AS contacts
    FROM (
        SELECT r.opportunity_id AS id, r.contact_id
        FROM opportunity_contact AS r
        UNION ALL
        SELECT l.id, l.contact_id
        FROM looked_at AS l
        UNION ALL
        SELECT m.id, m.contact_id
        FROM met AS m
    ) AS p
    WHERE p.contact_id IS NOT NULL AND p.id IN (SELECT l.id FROM looked_at AS l)
    GROUP BY p.id
)

SELECT
    l.id,
    l.owner_id,
    l.account_id,
    l.stage_id,
    l.product_id,
    DATE_DIFF('day', COALESCE(l.created_date, s.first_day), :as_of_day) AS age,
    DATE_DIFF('day', l.close_date, :as_of_day) AS overdue,
    DATE_DIFF('day', s.since, :as_of_day) AS stage_days,
    COALESCE(p.pushes, 0) AS pushes,
    DATE_DIFF('day', t.heard_day, :as_of_day) AS heard_days,
    DATE_DIFF('day', t.day, :as_of_day) AS touched_days,
    COALESCE(k.contacts, 0) AS contacts,
    COALESCE(l.next_step, '') <> '' AS has_next_step,
    l.value
FROM looked_at AS l
LEFT JOIN staged AS s ON s.id = l.id
LEFT JOIN pushed AS p ON p.id = l.id
LEFT JOIN touched AS t ON t.id = l.id
LEFT JOIN known AS k ON k.id = l.id
ORDER BY l.id
