-- definition: Opportunities as known at the as-of, also those that the company leaves out of all figures, with
--   their stage's meaning, their category, the day they closed, what they are expected to bring (the amount,
--   else the list price of the product where both are in one currency; a lost deal's amount of zero says
--   nothing) and its value in the company's currency by budget rates: a won deal by the rate of its close
--   date, all others by that of the as-of. Without a rate there is no value.
-- unit: one row per opportunity; amounts in minor units
-- owner: sales operations
SELECT
    e.*,
    CAST(ROUND(e.expected * r.factor) AS BIGINT) AS value,
    (e.expected IS NOT NULL AND r.factor IS NULL) AS is_rate_missing
FROM (
    SELECT
        o.*,
        COALESCE(s.meaning, 'open') AS meaning,
        CASE
            WHEN s.meaning = 'won' THEN 'closed'
            WHEN s.meaning = 'lost' THEN 'omitted'
            ELSE COALESCE(o.forecast_category, s.category, 'pipeline')
        END AS category,
        s.name AS stage_name,
        s.position AS stage_position,
        COALESCE(s.is_qualified, FALSE) AS stage_is_qualified,
        CASE WHEN s.meaning IN ('won', 'lost') THEN o.close_date END AS closed_date,
        CASE
            WHEN o.amount IS NOT NULL AND (s.meaning <> 'lost' OR s.meaning IS NULL OR o.amount <> 0)
                THEN o.amount
            WHEN COALESCE(s.meaning, 'open') <> 'won'
                AND COALESCE(p.currency, o.currency, :currency) = COALESCE(o.currency, :currency)
                THEN CAST(ROUND(p.list_price / 10000.0 * x.scale) AS BIGINT)
        END AS expected
    FROM opportunity AS o
    LEFT JOIN stage AS s ON s.id = o.stage_id
    LEFT JOIN product AS p ON p.id = o.product_id
    LEFT JOIN currency_scale AS x ON x.currency = COALESCE(o.currency, :currency)
) AS e
LEFT JOIN budget_rate AS r
    ON r.currency = COALESCE(e.currency, :currency)
    AND r.starts <= CASE WHEN e.meaning = 'won' THEN COALESCE(e.close_date, :as_of_day) ELSE :as_of_day END
    AND r.ends > CASE WHEN e.meaning = 'won' THEN COALESCE(e.close_date, :as_of_day) ELSE :as_of_day END
