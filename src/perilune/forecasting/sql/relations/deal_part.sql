-- definition: What every deal sells and to whom, as known at the as-of. Its products are those of its lines by
--   their amounts, else its own; its segment is that of the customer.
-- reading: cut 'product' or 'segment'; part_id: the product's id, or the customer's (whose segment
--   `part_names` tells: a seller may not see every customer's record); -1: none.
-- unit: one row per deal, cut and part; share is a ratio, those of a deal and cut sum to one
-- owner: sales operations
WITH lines AS (
    SELECT n.opportunity_id AS deal_id, COALESCE(n.product_id, -1) AS product_id, SUM(n.amount) AS amount
    FROM opportunity_line AS n
    WHERE n.amount > 0
    GROUP BY n.opportunity_id, COALESCE(n.product_id, -1)
),

whole AS (
    SELECT n.deal_id, SUM(n.amount) AS amount FROM lines AS n GROUP BY n.deal_id
),

sold AS (
    SELECT n.deal_id, n.product_id, CAST(n.amount AS DOUBLE) / CAST(w.amount AS DOUBLE) AS share
    FROM lines AS n
    INNER JOIN whole AS w ON w.deal_id = n.deal_id
    UNION ALL
    SELECT o.id AS deal_id, COALESCE(o.product_id, -1) AS product_id, CAST(1.0 AS DOUBLE) AS share
    FROM opportunity AS o
    LEFT JOIN whole AS w ON w.deal_id = o.id
    WHERE w.deal_id IS NULL
)

SELECT s.deal_id, 'product' AS cut, s.product_id AS part_id, s.share
FROM sold AS s
UNION ALL
SELECT o.id AS deal_id, 'segment' AS cut, COALESCE(o.account_id, -1) AS part_id, CAST(1.0 AS DOUBLE) AS share
FROM opportunity AS o
