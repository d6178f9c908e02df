-- definition: Bookings by close date from :first to the end of the period: the amounts of won deals.
-- unit: minor units of the company's currency
-- owner: finance
SELECT d.closed_date AS day, COUNT(*) AS n, CAST(COALESCE(SUM(d.value), 0) AS BIGINT) AS amount
FROM deal AS d
WHERE d.meaning = 'won' AND d.closed_date >= :first AND d.closed_date <= :until
GROUP BY d.closed_date
ORDER BY d.closed_date
