-- definition: Every rate known at the as-of, from the day it starts, as what brings minor units of a currency into
--   the company's.
-- unit: company minor units per minor unit
-- owner: finance
SELECT r.rate_set, r.currency, r.starts, r.value * own.scale / other.scale AS factor
FROM rate AS r
INNER JOIN currency_scale AS own ON own.currency = :currency
INNER JOIN currency_scale AS other ON other.currency = r.currency
WHERE r.currency <> :currency
ORDER BY r.rate_set, r.currency, r.starts
