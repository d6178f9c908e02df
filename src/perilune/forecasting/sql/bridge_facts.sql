-- definition: What a bridge shows of the deals :ids at one end, as known at the as-of.
-- unit: one row per deal; minor units of the deal's currency
-- owner: sales operations
SELECT
    d.id,
    d.name,
    r.name AS owner,
    d.stage_name AS stage,
    d.meaning,
    d.category,
    d.close_date,
    d.expected AS amount,
    COALESCE(d.currency, :currency) AS currency,
    d.type
FROM any_deal AS d
LEFT JOIN rep AS r ON r.id = d.owner_id
WHERE d.id IN (:ids)
ORDER BY d.id
