-- definition: The names of stages and products, for the reasons of a chance.
-- unit: one row per stage or product
-- owner: sales operations
SELECT 'stage' AS kind, s.id, s.name FROM stage AS s
UNION ALL
SELECT 'product' AS kind, p.id, p.name FROM product AS p
