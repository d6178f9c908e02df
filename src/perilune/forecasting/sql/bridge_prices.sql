-- definition: List prices at the as-of.
-- unit: 1/10,000 of the major unit
-- owner: sales operations
SELECT p.id, p.list_price, p.currency
FROM product AS p
WHERE p.list_price IS NOT NULL
ORDER BY p.id
