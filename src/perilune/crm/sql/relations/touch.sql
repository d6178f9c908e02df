-- definition: Activities on deals, and whether the customer took part: a meeting that took place, a call or
--   message that came in, a call that was answered.
-- unit: one row per activity of a deal
-- owner: sales operations
SELECT
    a.id,
    a.opportunity_id,
    a.contact_id,
    a.starts_at,
    COALESCE(a.is_done, TRUE) = TRUE
    AND (
        a.type = 'meeting'
        OR (a.type IN ('call', 'email') AND COALESCE(a.direction, '') = 'in')
        OR (a.type = 'call' AND LOWER(COALESCE(a.outcome, '')) IN ('connected', 'answered', 'reached'))
    ) AS is_two_way
FROM activity AS a
WHERE a.opportunity_id IS NOT NULL
