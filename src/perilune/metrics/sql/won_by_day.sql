-- definition: Bookings by close date from :first to the end of the period: the credited amounts of won deals.
-- unit: minor units of the company's currency
-- owner: finance
SELECT
    u.closed_date AS day,
    COUNT(*) AS n,
    COALESCE(SUM(CAST(u.value * u.share AS DOUBLE)), 0.0) AS amount
FROM unit_deal AS u
WHERE u.meaning = 'won' AND u.closed_date >= :first AND u.closed_date <= :until
GROUP BY u.closed_date
ORDER BY u.closed_date
