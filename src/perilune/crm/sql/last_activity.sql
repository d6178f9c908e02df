-- definition: The day (UTC) of the latest activity of each deal up to the as-of.
-- unit: date
-- owner: sales operations
SELECT a.opportunity_id, CAST(MAX(a.starts_at) AS DATE) AS day
FROM activity AS a
WHERE a.opportunity_id IN (:ids) AND a.starts_at <= :as_of
GROUP BY a.opportunity_id
ORDER BY a.opportunity_id
