-- definition: Deals that changed between :since and the as-of, by what they were and what they are: the
--   value due in the period before and after, both at the rates of the as-of. With :any_date all open
--   deals count as due, for companies that keep no expected close dates.
-- unit: counts, minor units of the company's currency
-- owner: sales operations
WITH before_of AS (
    SELECT
        v.id,
        COALESCE(s.meaning, 'open') AS meaning,
        COALESCE(s.meaning, 'open') = 'open'
            AND COALESCE(v.forecast_category, s.category, 'pipeline') <> 'omitted'
            AND COALESCE(v.is_excluded, FALSE) = FALSE
            AND (:any_date OR COALESCE(v.close_date >= :starts AND v.close_date <= :ends, FALSE)) AS is_due,
        CAST(
            ROUND(
                COALESCE(
                    v.amount,
                    CASE
                        WHEN COALESCE(p.currency, v.currency, :currency) = COALESCE(v.currency, :currency)
                            THEN CAST(ROUND(p.list_price / 10000.0 * x.scale) AS BIGINT)
                    END
                ) * r.factor
            ) AS BIGINT
        ) AS value
    FROM opportunity_version AS v
    LEFT JOIN stage AS s ON s.id = v.stage_id
    LEFT JOIN product AS p ON p.id = v.product_id
    LEFT JOIN currency_scale AS x ON x.currency = COALESCE(v.currency, :currency)
    LEFT JOIN budget_rate AS r
        ON r.currency = COALESCE(v.currency, :currency) AND r.starts <= :as_of_day AND r.ends > :as_of_day
    WHERE v.valid_from <= :since AND v.valid_to > :since AND v.valid_to <= :as_of
),

after_of AS (
    SELECT
        d.id,
        d.meaning,
        d.meaning = 'open' AND d.category <> 'omitted'
            AND (:any_date OR COALESCE(d.close_date >= :starts AND d.close_date <= :ends, FALSE)) AS is_due,
        d.value
    FROM deal AS d
    WHERE d.valid_from > :since
),

pairs AS (
    SELECT
        b.meaning AS before_meaning,
        b.is_due AS before_due,
        CASE WHEN b.is_due THEN COALESCE(b.value, 0) ELSE 0 END AS before_value,
        a.meaning AS after_meaning,
        COALESCE(a.is_due, FALSE) AS after_due,
        CASE WHEN a.is_due THEN COALESCE(a.value, 0) ELSE 0 END AS after_value
    FROM before_of AS b
    LEFT JOIN after_of AS a ON a.id = b.id
    UNION ALL
    SELECT
        CAST(NULL AS VARCHAR) AS before_meaning,
        FALSE AS before_due,
        0 AS before_value,
        a.meaning AS after_meaning,
        a.is_due AS after_due,
        CASE WHEN a.is_due THEN COALESCE(a.value, 0) ELSE 0 END AS after_value
    FROM after_of AS a
    WHERE NOT EXISTS (SELECT 1 FROM before_of AS b WHERE b.id = a.id)
)

SELECT
    p.before_meaning,
    p.before_due,
    p.after_meaning,
    p.after_due,
    CASE WHEN p.after_value > p.before_value THEN 1 WHEN p.after_value < p.before_value THEN -1 ELSE 0 END
        AS direction,
    COUNT(*) AS n,
    CAST(SUM(p.before_value) AS BIGINT) AS before_value,
    CAST(SUM(p.after_value) AS BIGINT) AS after_value
FROM pairs AS p
GROUP BY
    p.before_meaning,
    p.before_due,
    p.after_meaning,
    p.after_due,
    CASE WHEN p.after_value > p.before_value THEN 1 WHEN p.after_value < p.before_value THEN -1 ELSE 0 END
