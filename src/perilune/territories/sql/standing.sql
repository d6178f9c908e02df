-- definition: Territories that are or will be in force on or after a day, with what is in them: seats and
--   accounts that have not ended before it, as known at the as-of. What a plan that starts on the day ends.
-- unit: one row per territory, seat and account
-- owner: sales operations
SELECT
    'territory' AS kind,
    t.id,
    t.id AS territory_id,
    COALESCE(t.layer, '') AS layer,
    0 AS of_id,
    t.name,
    t.plan,
    t.type,
    t.parent_id
FROM territory AS t
WHERE COALESCE(t.effective_to, DATE '9999-12-31') >= :starts
UNION ALL
SELECT 'territory_seat', s.id, s.territory_id, COALESCE(t.layer, ''), s.rep_id, s.role, NULL, NULL, NULL
FROM territory_seat AS s
INNER JOIN territory AS t ON t.id = s.territory_id
WHERE COALESCE(s.effective_to, DATE '9999-12-31') >= :starts
UNION ALL
SELECT 'territory_account', a.id, a.territory_id, COALESCE(t.layer, ''), a.account_id, a.origin, NULL, NULL, NULL
FROM territory_account AS a
INNER JOIN territory AS t ON t.id = a.territory_id
WHERE COALESCE(a.effective_to, DATE '9999-12-31') >= :starts
ORDER BY 1, 2
