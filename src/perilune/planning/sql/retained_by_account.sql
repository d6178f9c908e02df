-- definition: Business kept: what accounts that booked in a first window (from :starts to the day before :middle)
--   booked in it and in the window after (from :middle to :ends), with all bookings of that one. Amounts of
--   won deals at the budget rate of the day they closed; deals without an account count in the total alone.
-- unit: minor units of the company's currency
-- owner: finance
WITH by_account AS (
    SELECT
        d.account_id,
        SUM(CASE WHEN d.closed_date < :middle THEN CAST(d.value AS DOUBLE) ELSE 0.0 END) AS before_minor,
        SUM(CASE WHEN d.closed_date >= :middle THEN CAST(d.value AS DOUBLE) ELSE 0.0 END) AS after_minor
    FROM deal AS d
    WHERE d.meaning = 'won' AND d.closed_date >= :starts AND d.closed_date <= :ends AND d.value IS NOT NULL
    GROUP BY d.account_id
)

SELECT
    CAST(ROUND(COALESCE(SUM(b.before_minor), 0.0)) AS BIGINT) AS before_booked,
    CAST(ROUND(COALESCE(SUM(CASE WHEN b.account_id IS NOT NULL AND b.before_minor > 0 THEN b.after_minor ELSE 0.0 END), 0.0))
        AS BIGINT) AS kept,
    CAST(ROUND(COALESCE(SUM(b.after_minor), 0.0)) AS BIGINT) AS after_booked
FROM by_account AS b
