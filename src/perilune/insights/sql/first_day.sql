-- definition: The first day of data: the earliest close date of a deal known to be won or lost.
-- unit: date
-- owner: sales operations
SELECT MIN(o.close_date) AS day
FROM opportunity AS o
INNER JOIN stage AS s ON s.id = o.stage_id
WHERE s.meaning IN ('won', 'lost') AND o.close_date IS NOT NULL AND o.close_date <= :as_of_day
