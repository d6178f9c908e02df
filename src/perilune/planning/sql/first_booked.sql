-- definition: The day of the first won deal that is known: before it bookings are unknown, never zero (rule 4).
-- unit: day
-- owner: finance
SELECT MIN(d.closed_date) AS day
FROM deal AS d
WHERE d.meaning = 'won'
