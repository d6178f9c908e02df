-- definition: How many minor units one major unit of each currency has that prices and rates are in
--   (ISO 4217).
-- unit: minor units per major unit
-- owner: finance
SELECT
    currency,
    CASE
        WHEN currency IN (
            'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND',
            'VUV', 'XAF', 'XOF', 'XPF'
        ) THEN 1.0
        WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 1000.0
        ELSE 100.0
    END AS scale
FROM (
    SELECT COALESCE(p.currency, :currency) AS currency FROM product AS p
    UNION
    SELECT r.currency FROM rate AS r
    UNION
    SELECT :currency AS currency
) AS used
