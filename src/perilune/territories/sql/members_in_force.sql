-- definition: The accounts of the territories in force on the as-of day, as known at the as-of.
-- unit: one row per account and layer
-- owner: sales operations
SELECT
    a.id,
    a.account_id,
    a.territory_id,
    COALESCE(t.layer, '') AS layer,
    a.origin
FROM territory_account AS a
INNER JOIN territory AS t ON t.id = a.territory_id
WHERE a.effective_from <= :as_of_day
    AND COALESCE(a.effective_to, DATE '9999-12-31') >= :as_of_day
    AND t.effective_from <= :as_of_day
    AND COALESCE(t.effective_to, DATE '9999-12-31') >= :as_of_day
ORDER BY a.account_id, a.id
