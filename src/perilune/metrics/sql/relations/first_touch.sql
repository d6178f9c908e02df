-- definition: The first day on which the customer took part in a deal: the earliest two-way activity on it
--   (a meeting that took place, a call or message that came in, a call that was answered), or the creation
--   of the lead that became the deal.
-- unit: one row per deal with any of these
-- owner: sales operations
SELECT t.id, MIN(t.day) AS day
FROM (
    SELECT w.opportunity_id AS id, CAST(w.starts_at AS DATE) AS day
    FROM touch AS w
    WHERE w.is_two_way
    UNION ALL
    SELECT l.opportunity_id AS id, l.created_date AS day
    FROM lead AS l
    WHERE l.opportunity_id IS NOT NULL AND l.created_date IS NOT NULL
) AS t
GROUP BY t.id
