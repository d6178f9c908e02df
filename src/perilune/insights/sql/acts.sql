-- definition: The days on which something was done for each deal: activities up to the as-of.
-- unit: one row per deal and day, numbered from the first day of data
-- owner: sales operations
SELECT DISTINCT
    a.opportunity_id AS id,
    DATEDIFF('day', :first_day, CAST(a.starts_at + INTERVAL '1' SECOND * :high AS DATE)) AS day
FROM activity AS a
WHERE a.opportunity_id IS NOT NULL AND a.starts_at <= :as_of
ORDER BY id, day
