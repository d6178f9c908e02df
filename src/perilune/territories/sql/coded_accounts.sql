-- definition: The accounts of the territories in force on the as-of day, as known at the as-of, with the codes
--   that tell places: what assignment rules are made of.
-- unit: one row per account and layer
-- owner: sales operations
SELECT
    p.account_id,
    t.name AS territory,
    COALESCE(t.layer, '') AS layer,
    COALESCE(a.postcode, '') AS postcode,
    COALESCE(a.country, '') AS country
FROM territory_account AS p
INNER JOIN territory AS t ON t.id = p.territory_id
INNER JOIN account AS a ON a.id = p.account_id
WHERE p.effective_from <= :as_of_day
    AND COALESCE(p.effective_to, DATE '9999-12-31') >= :as_of_day
    AND t.effective_from <= :as_of_day
    AND COALESCE(t.effective_to, DATE '9999-12-31') >= :as_of_day
ORDER BY p.account_id, t.id
