-- definition: What an account is worth and since when its owner has it, as known at the as-of: its open
--   pipeline, what it booked in the twelve months that end on the as-of day, its open deals, the deals that count for
--   nothing because their currency has no rate, and the day
--   (UTC) from which on its owner was whoever owns it now.
-- unit: one row per account; minor units of the company's currency
-- owner: sales operations
SELECT
    a.id,
    COALESCE(p.pipeline, 0) AS pipeline,
    COALESCE(p.bookings, 0) AS bookings,
    COALESCE(p.open_deals, 0) AS open_deals,
    COALESCE(p.without_rate, 0) AS without_rate,
    h.since
FROM account AS a
LEFT JOIN (
    SELECT
        d.account_id,
        SUM(CASE WHEN d.meaning = 'open' THEN COALESCE(d.value, 0) ELSE 0 END) AS pipeline,
        SUM(
            CASE
                WHEN d.meaning = 'won' AND d.closed_date > :year_ago AND d.closed_date <= :as_of_day
                    THEN COALESCE(d.value, 0)
                ELSE 0
            END
        ) AS bookings,
        SUM(CASE WHEN d.meaning = 'open' THEN 1 ELSE 0 END) AS open_deals,
        SUM(CASE WHEN d.is_rate_missing THEN 1 ELSE 0 END) AS without_rate
    FROM deal AS d
    GROUP BY d.account_id
) AS p ON p.account_id = a.id
LEFT JOIN (
    SELECT st.id, CAST(MAX(st.valid_from) AS DATE) AS since
    FROM (
        SELECT
            v.id,
            v.valid_from,
            v.owner_id,
            LAG(v.owner_id) OVER (PARTITION BY v.id ORDER BY v.valid_from) AS before_id,
            ROW_NUMBER() OVER (PARTITION BY v.id ORDER BY v.valid_from) AS step
        FROM account_version AS v
    ) AS st
    WHERE st.step = 1 OR COALESCE(st.owner_id, 0) <> COALESCE(st.before_id, 0)
    GROUP BY st.id
) AS h ON h.id = a.id
