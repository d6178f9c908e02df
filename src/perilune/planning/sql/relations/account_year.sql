-- definition: What an account brought and how it is worked, as known at the as-of: bookings of the twelve months
--   that end on the as-of day, its open pipeline, deals won and the median days from creation to the win over
--   two years, whether it has an open deal or had an activity within the twelve months, and the deals that
--   count for nothing because their currency has no rate.
-- unit: one row per account; minor units of the company's currency, days
-- owner: sales operations
SELECT
    a.id,
    COALESCE(p.booked, 0) AS booked,
    COALESCE(p.pipeline, 0) AS pipeline,
    COALESCE(p.open_deals, 0) AS open_deals,
    COALESCE(p.without_rate, 0) AS without_rate,
    p.cycle,
    (COALESCE(p.open_deals, 0) > 0 OR w.account_id IS NOT NULL) AS is_worked
FROM account AS a
LEFT JOIN (
    SELECT
        d.account_id,
        SUM(
            CASE
                WHEN d.meaning = 'won' AND d.closed_date > :year_ago AND d.closed_date <= :as_of_day
                    THEN COALESCE(d.value, 0)
                ELSE 0
            END
        ) AS booked,
        SUM(CASE WHEN d.meaning = 'open' THEN COALESCE(d.value, 0) ELSE 0 END) AS pipeline,
        SUM(CASE WHEN d.meaning = 'open' THEN 1 ELSE 0 END) AS open_deals,
        SUM(CASE WHEN d.is_rate_missing THEN 1 ELSE 0 END) AS without_rate,
        QUANTILE_CONT(
            CASE
                WHEN d.meaning = 'won' AND d.closed_date > :two_years_ago AND d.closed_date <= :as_of_day
                    THEN CAST(DATE_DIFF('day', d.created_date, d.closed_date) AS DOUBLE)
            END,
            0.5
        ) AS cycle
    FROM deal AS d
    GROUP BY d.account_id
) AS p ON p.account_id = a.id
LEFT JOIN (
    SELECT DISTINCT COALESCE(v.account_id, o.account_id) AS account_id
    FROM activity AS v
    LEFT JOIN opportunity AS o ON o.id = v.opportunity_id
    WHERE CAST(v.starts_at AS DATE) > :year_ago AND CAST(v.starts_at AS DATE) <= :as_of_day
) AS w ON w.account_id = a.id
