-- definition: The names of products, as known at the as-of.
-- unit: one row per product
-- owner: sales operations
SELECT p.id, p.name
FROM product AS p
