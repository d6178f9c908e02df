-- definition: Of the open value in some forecast categories that was expected in a period at a moment of it, what
--   those very deals brought by the period's end. Of all categories but omitted its inverse is the coverage
--   that the period asked for; of commit alone it is how reliable commit was.
-- unit: minor units of the company's currency, by the rep who owned the deal at that moment
-- owner: sales operations
WITH was_open AS (
    SELECT
        v.id,
        v.owner_id,
        CASE
            WHEN v.amount IS NOT NULL THEN v.amount
            WHEN COALESCE(p.currency, v.currency, :currency) = COALESCE(v.currency, :currency)
                THEN CAST(ROUND(p.list_price / 10000.0 * x.scale) AS BIGINT)
        END AS expected,
        COALESCE(v.currency, :currency) AS currency
    FROM opportunity_version AS v
    LEFT JOIN stage AS s ON s.id = v.stage_id
    LEFT JOIN product AS p ON p.id = v.product_id
    LEFT JOIN currency_scale AS x ON x.currency = COALESCE(v.currency, :currency)
    WHERE v.valid_from <= :then_at
        AND v.valid_to > :then_at
        AND COALESCE(s.meaning, 'open') = 'open'
        AND CASE
            WHEN COALESCE(v.forecast_category, s.category) = 'closed' THEN 'commit'
            WHEN COALESCE(v.forecast_category, s.category)
                IN ('commit', 'most_likely', 'best_case', 'omitted') THEN COALESCE(v.forecast_category, s.category)
            ELSE 'pipeline'
        END IN (:categories)
        AND COALESCE(v.is_excluded, FALSE) = FALSE
        AND v.close_date >= :starts
        AND v.close_date <= :ends
),

valued AS (
    SELECT o.id, o.owner_id, CAST(ROUND(o.expected * r.factor) AS BIGINT) AS value
    FROM was_open AS o
    INNER JOIN budget_rate AS r
        ON r.currency = o.currency AND r.starts <= :then_day AND r.ends > :then_day
    WHERE o.expected IS NOT NULL
)

SELECT
    o.owner_id AS rep_id,
    COUNT(*) AS deals,
    CAST(SUM(o.value) AS BIGINT) AS open_value,
    CAST(SUM(CASE WHEN d.meaning = 'won' AND d.close_date >= :starts AND d.close_date <= :ends
        THEN COALESCE(d.value, 0) ELSE 0 END) AS BIGINT) AS won_value
FROM valued AS o
LEFT JOIN deal AS d ON d.id = o.id
GROUP BY o.owner_id
ORDER BY o.owner_id
