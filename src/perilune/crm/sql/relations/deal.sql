-- definition: The deals that count: opportunities as known at the as-of, without those that the company leaves
--   out of all figures.
-- unit: one row per opportunity; amounts in minor units
-- owner: sales operations
SELECT d.*
FROM any_deal AS d
WHERE COALESCE(d.is_excluded, FALSE) = FALSE
