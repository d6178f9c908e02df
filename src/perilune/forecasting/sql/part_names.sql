-- definition: What the parts of `deal_part` are called, as known at the as-of: products by themselves,
--   customers (:cut segment) by their segment, where they have one.
-- unit: one row per product or customer; part: the product's id or the text of the segment
-- owner: sales operations
SELECT p.id, CAST(p.id AS VARCHAR) AS part, COALESCE(p.name, '') AS label
FROM product AS p
WHERE :cut = 'product'
UNION ALL
SELECT a.id, TRIM(a.segment) AS part, TRIM(a.segment) AS label
FROM account AS a
WHERE :cut = 'segment' AND TRIM(a.segment) <> ''
