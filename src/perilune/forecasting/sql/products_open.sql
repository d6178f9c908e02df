-- definition: What the open deals sell, as known at the as-of.
-- unit: one row per open deal and product
-- owner: sales operations
SELECT d.id AS deal_id, p.product_id, p.share
FROM open_deal AS d
INNER JOIN deal_product AS p ON p.deal_id = d.id
ORDER BY d.id, p.product_id
