-- definition: Activities in which the customer took part: a meeting that took place, a call or message that
--   came in, a call that was answered.
-- unit: one row per activity of a deal
-- owner: sales operations
SELECT a.id, a.opportunity_id, a.owner_id, a.contact_id, a.starts_at
FROM activity AS a
WHERE COALESCE(a.is_done, TRUE) = TRUE
    AND (
        a.type = 'meeting'
        OR (a.type IN ('call', 'email') AND a.direction = 'in')
        OR (a.type = 'call' AND LOWER(COALESCE(a.outcome, '')) IN ('connected', 'answered', 'reached'))
    )
    AND a.opportunity_id IS NOT NULL
