-- definition: Who holds one account on the as-of day, as known at the as-of: its owner, and of each layer the
--   territory in force that it is in, with the reps in its seats.
-- unit: one row per territory and seat, one without a territory where the account is in none
-- owner: sales operations
SELECT
    a.id AS account_id,
    a.name AS account,
    a.owner_id,
    o.name AS owner,
    t.id AS territory_id,
    t.name AS territory,
    COALESCE(t.layer, '') AS layer,
    p.effective_from,
    s.rep_id,
    r.name AS rep,
    COALESCE(s.role, 'owner') AS role
FROM account AS a
LEFT JOIN rep AS o ON o.id = a.owner_id
LEFT JOIN territory_account AS p
    ON p.account_id = a.id
    AND p.effective_from <= :as_of_day
    AND COALESCE(p.effective_to, DATE '9999-12-31') >= :as_of_day
LEFT JOIN territory AS t
    ON t.id = p.territory_id
    AND t.effective_from <= :as_of_day
    AND COALESCE(t.effective_to, DATE '9999-12-31') >= :as_of_day
LEFT JOIN territory_seat AS s
    ON s.territory_id = t.id
    AND s.effective_from <= :as_of_day
    AND COALESCE(s.effective_to, DATE '9999-12-31') >= :as_of_day
LEFT JOIN rep AS r ON r.id = s.rep_id
WHERE a.id = :account
ORDER BY COALESCE(t.layer, ''), t.id, s.rep_id
