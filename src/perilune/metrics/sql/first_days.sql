-- definition: The first days of data: of all deals the first close and the first creation.
-- unit: date
-- owner: sales operations
SELECT
    MIN(CASE WHEN s.meaning IN ('won', 'lost') AND o.close_date <= :as_of_day THEN o.close_date END) AS closed,
    MIN(CASE WHEN o.created_date <= :as_of_day THEN o.created_date END) AS created
FROM opportunity AS o
LEFT JOIN stage AS s ON s.id = o.stage_id
