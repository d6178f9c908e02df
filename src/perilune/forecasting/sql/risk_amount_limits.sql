-- definition: What deals that were won since :since brought, of each product and (product null) of all: how many, and the value
--   that a share :quantile of them did not exceed.
-- unit: minor units of the company's currency
-- owner: sales management
SELECT d.product_id, COUNT(*) AS n, QUANTILE_CONT(CAST(d.value AS DOUBLE), :quantile) AS value
FROM deal AS d
WHERE d.meaning = 'won' AND d.value > 0 AND d.closed_date > :since AND d.product_id IS NOT NULL
GROUP BY d.product_id
UNION ALL
SELECT CAST(NULL AS BIGINT) AS product_id, COUNT(*) AS n, QUANTILE_CONT(CAST(d.value AS DOUBLE), :quantile) AS value
FROM deal AS d
WHERE d.meaning = 'won' AND d.value > 0 AND d.closed_date > :since
