-- definition: Which days are working days: Monday to Friday less the holidays of the company's country.
-- unit: one row per day
-- owner: sales operations
SELECT d.day, d.is_workday
FROM day AS d
WHERE d.day >= :first AND d.day <= :last
ORDER BY d.day
