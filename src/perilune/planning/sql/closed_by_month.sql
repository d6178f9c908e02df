-- definition: Deals closed between two days by fiscal month: won and lost by count from any stage, what the won
--   brought at the budget rate of the day they closed, and the mean days from their creation to the win.
-- unit: counts, minor units of the company's currency, days
-- owner: sales operations
SELECT
    t.month,
    COUNT(CASE WHEN d.meaning = 'won' THEN 1 END) AS won,
    COUNT(CASE WHEN d.meaning = 'lost' THEN 1 END) AS lost,
    COALESCE(SUM(CASE WHEN d.meaning = 'won' THEN d.value END), 0) AS booked,
    AVG(
        CASE WHEN d.meaning = 'won' THEN CAST(DATE_DIFF('day', d.created_date, d.closed_date) AS DOUBLE) END
    ) AS cycle
FROM deal AS d
INNER JOIN day AS t ON t.day = d.closed_date
WHERE d.meaning IN ('won', 'lost') AND d.closed_date >= :starts AND d.closed_date <= :ends
GROUP BY t.month
ORDER BY t.month
