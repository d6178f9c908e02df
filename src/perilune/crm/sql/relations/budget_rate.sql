-- definition: The budget rates that bring minor units into the company's: from the day they start until
--   the day before the next one. The company's own currency is worth one, always.
-- unit: company minor units per minor unit
-- owner: finance
SELECT
    CAST(:currency AS VARCHAR) AS currency,
    DATE '1900-01-01' AS starts,
    DATE '9999-12-31' AS ends,
    1.0 AS factor
UNION ALL
SELECT
    r.currency,
    r.starts,
    COALESCE(LEAD(r.starts) OVER (PARTITION BY r.currency ORDER BY r.starts), DATE '9999-12-31') AS ends,
    r.value * own.scale / other.scale AS factor
FROM rate AS r
INNER JOIN currency_scale AS own ON own.currency = :currency
INNER JOIN currency_scale AS other ON other.currency = r.currency
WHERE r.rate_set = 'budget' AND r.currency <> :currency
