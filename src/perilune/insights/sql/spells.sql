-- definition: What was known of every deal over time, as the outlook of open deals reads it: one row per version,
--   the last of each day, with the state that its stage means, the day of its close, the expected close, the
--   value in the company's currency (the list price of the product where no amount is known), when it
--   entered the stage and how often its expected close had moved to a later month.
-- reading: Days are numbered from the first day of data; -2147483648 is unknown, 2147483648 for ever. The local
--   day of an instant is read with the larger offset of the company's zone: known later, never earlier.
-- unit: minor units of the company's currency; state 0 open, 1 won, 2 lost, 3 left out
-- owner: sales operations
WITH dated AS (
    SELECT
        v.*,
        DATEDIFF('day', :first_day, CAST(v.valid_from + INTERVAL '1' SECOND * :high AS DATE)) AS day_from,
        CASE WHEN v.valid_to < TIMESTAMP '9999-01-01 00:00:00'
            THEN DATEDIFF('day', :first_day, CAST(v.valid_to + INTERVAL '1' SECOND * :high AS DATE))
        ELSE 2147483648 END AS day_to,
        EXTRACT(YEAR FROM v.close_date) * 12 + EXTRACT(MONTH FROM v.close_date) AS close_month,
        LAG(EXTRACT(YEAR FROM v.close_date) * 12 + EXTRACT(MONTH FROM v.close_date))
            OVER (PARTITION BY v.id ORDER BY v.valid_from) AS close_month_before,
        LAG(v.stage_id) OVER (PARTITION BY v.id ORDER BY v.valid_from) AS stage_before,
        ROW_NUMBER() OVER (PARTITION BY v.id ORDER BY v.valid_from) AS step
    FROM opportunity_version AS v
),

counted AS (
    SELECT
        d.*,
        SUM(CASE WHEN d.close_month > d.close_month_before THEN 1 ELSE 0 END)
            OVER (PARTITION BY d.id ORDER BY d.valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS pushes,
        MAX(CASE WHEN d.step = 1 OR COALESCE(d.stage_id, -1) <> COALESCE(d.stage_before, -1) THEN d.day_from END)
            OVER (PARTITION BY d.id ORDER BY d.valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
            AS stage_since,
        ROW_NUMBER() OVER (PARTITION BY d.id, d.day_from ORDER BY d.valid_from DESC) AS place
    FROM dated AS d
),

told AS (
    SELECT
        c.*,
        CASE
            WHEN COALESCE(c.is_excluded, FALSE) THEN 3
            WHEN s.meaning = 'won' THEN 1
            WHEN s.meaning = 'lost' THEN 2
            ELSE 0
        END AS state,
        COALESCE(c.forecast_category, s.category) AS said_category,
        CASE
            WHEN c.amount IS NOT NULL AND (COALESCE(s.meaning, 'open') <> 'lost' OR c.amount <> 0) THEN c.amount
            WHEN COALESCE(s.meaning, 'open') <> 'won'
                AND COALESCE(p.currency, c.currency, :currency) = COALESCE(c.currency, :currency)
                THEN CAST(ROUND(p.list_price / 10000.0 * x.scale) AS BIGINT)
        END AS expected
    FROM counted AS c
    LEFT JOIN stage AS s ON s.id = c.stage_id
    LEFT JOIN product AS p ON p.id = c.product_id
    LEFT JOIN currency_scale AS x ON x.currency = COALESCE(c.currency, :currency)
    WHERE c.place = 1
)

SELECT
    t.id,
    t.day_from,
    t.day_to,
    t.state,
    CASE WHEN t.state IN (1, 2) AND t.close_date IS NOT NULL
        THEN DATEDIFF('day', :first_day, t.close_date) ELSE -2147483648 END AS closed,
    CASE WHEN t.state = 0 AND t.close_date IS NOT NULL
        THEN DATEDIFF('day', :first_day, t.close_date) ELSE -2147483648 END AS due,
    COALESCE(CAST(ROUND(t.expected * r.factor) AS DOUBLE), -1.0) AS value,
    COALESCE(t.owner_id, -1) AS owner_id,
    COALESCE(t.pushes, 0) AS pushes,
    COALESCE(t.stage_since, t.day_from) AS stage_since,
    CASE WHEN t.created_date IS NOT NULL
        THEN DATEDIFF('day', :first_day, t.created_date) ELSE -2147483648 END AS created,
    COALESCE(t.stage_id, -1) AS stage_id,
    COALESCE(t.product_id, -1) AS product_id,
    COALESCE(t.account_id, -1) AS account_id,
    CASE t.said_category
        WHEN 'pipeline' THEN 0 WHEN 'best_case' THEN 1 WHEN 'most_likely' THEN 2 WHEN 'commit' THEN 3
        WHEN 'omitted' THEN 4 ELSE 5
    END AS category,
    CASE t.type WHEN 'new' THEN 0 WHEN 'expansion' THEN 1 WHEN 'renewal' THEN 2 WHEN 'other' THEN 3 ELSE 4 END AS type
FROM told AS t
LEFT JOIN budget_rate AS r
    ON r.currency = COALESCE(t.currency, :currency)
    AND r.starts <= CASE WHEN t.state = 1 THEN COALESCE(t.close_date, :as_of_day) ELSE :as_of_day END
    AND r.ends > CASE WHEN t.state = 1 THEN COALESCE(t.close_date, :as_of_day) ELSE :as_of_day END
ORDER BY t.id, t.day_from
