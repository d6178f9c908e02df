-- definition: Deals that may stand behind a total: those that close within some days, and those that a report
--   names, also where the company leaves them out of all figures.
-- unit: minor units; the value in the company's currency at budget rates
-- owner: sales operations
SELECT
    d.id,
    d.name,
    d.created_date AS created,
    d.close_date AS day,
    d.owner_id,
    r.name AS owner,
    d.meaning,
    d.stage_name,
    COALESCE(d.currency, :currency) AS currency,
    d.amount,
    d.value,
    COALESCE(d.is_excluded, FALSE) AS is_excluded
FROM any_deal AS d
LEFT JOIN rep AS r ON r.id = d.owner_id
WHERE (d.close_date >= :starts AND d.close_date <= :ends) OR d.id IN (:ids)
ORDER BY d.id
