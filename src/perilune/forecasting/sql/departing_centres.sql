-- definition: Where the territories of the main layer that are in force on the as-of day lie, with the rep in the
--   owner's seat: the mean place of their accounts. Territories without a rep or without places are left out.
-- unit: one row per territory and rep; degrees
-- owner: sales operations
SELECT
    t.id,
    s.rep_id,
    AVG(a.latitude) AS latitude,
    AVG(a.longitude) AS longitude
FROM territory AS t
INNER JOIN territory_seat AS s ON s.territory_id = t.id AND COALESCE(s.role, 'owner') = 'owner'
INNER JOIN territory_account AS m ON m.territory_id = t.id
INNER JOIN account AS a ON a.id = m.account_id AND a.latitude IS NOT NULL AND a.longitude IS NOT NULL
WHERE COALESCE(t.layer, '') = ''
    AND t.effective_from <= :as_of_day
    AND COALESCE(t.effective_to, DATE '9999-12-31') >= :as_of_day
    AND s.effective_from <= :as_of_day
    AND COALESCE(s.effective_to, DATE '9999-12-31') >= :as_of_day
    AND m.effective_from <= :as_of_day
    AND COALESCE(m.effective_to, DATE '9999-12-31') >= :as_of_day
GROUP BY t.id, s.rep_id
ORDER BY t.id, s.rep_id
