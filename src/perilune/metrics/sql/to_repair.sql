-- definition: Open deals that lack an account, an owner, a close date or a known stage, or whose close
--   date has passed, the most valuable first.
-- unit: one row per deal; minor units of the company's currency
-- owner: sales operations
SELECT
    d.id,
    d.name,
    r.name AS owner,
    d.value,
    d.account_id IS NULL AS lacks_account,
    d.owner_id IS NULL AS lacks_owner,
    d.close_date IS NULL AS lacks_date,
    d.stage_name IS NULL AS lacks_stage,
    COALESCE(d.close_date < :as_of_day, FALSE) AS is_overdue
FROM deal AS d
LEFT JOIN rep AS r ON r.id = d.owner_id
WHERE d.meaning = 'open'
    AND (
        d.account_id IS NULL OR d.owner_id IS NULL OR d.close_date IS NULL OR d.stage_name IS NULL
        OR d.close_date < :as_of_day
    )
ORDER BY COALESCE(d.value, 0) DESC, d.id
LIMIT 15
