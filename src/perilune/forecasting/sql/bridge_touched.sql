-- definition: The deals that were there at :since and were touched between then and the as-of.
-- unit: deals
-- owner: sales operations
SELECT v.id
FROM opportunity_version AS v
WHERE v.valid_from <= :since AND v.valid_to > :since AND v.valid_to <= :as_of
ORDER BY v.id
