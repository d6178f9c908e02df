-- definition: Territories in force on the as-of day, as known at the as-of, with the reps in their seats and
--   the number of accounts that they hold. A territory without a rep in its seat is vacant.
-- unit: one row per territory and seat
-- owner: sales operations
SELECT
    t.id AS territory_id,
    t.name,
    t.code,
    COALESCE(t.layer, '') AS layer,
    t.parent_id,
    COALESCE(t.type, '') AS type,
    t.plan,
    t.effective_from,
    s.rep_id,
    r.name AS rep,
    COALESCE(s.role, 'owner') AS role,
    COALESCE(n.accounts, 0) AS accounts
FROM territory AS t
LEFT JOIN territory_seat AS s
    ON s.territory_id = t.id
    AND s.effective_from <= :as_of_day
    AND COALESCE(s.effective_to, DATE '9999-12-31') >= :as_of_day
LEFT JOIN rep AS r ON r.id = s.rep_id
LEFT JOIN (
    SELECT a.territory_id, COUNT(*) AS accounts
    FROM territory_account AS a
    WHERE a.effective_from <= :as_of_day
        AND COALESCE(a.effective_to, DATE '9999-12-31') >= :as_of_day
    GROUP BY a.territory_id
) AS n ON n.territory_id = t.id
WHERE t.effective_from <= :as_of_day
    AND COALESCE(t.effective_to, DATE '9999-12-31') >= :as_of_day
ORDER BY COALESCE(t.layer, ''), t.name, t.id, s.rep_id
