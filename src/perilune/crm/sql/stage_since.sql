-- definition: The day (UTC) on which each deal entered the stage that it is in at the as-of.
-- unit: date
-- owner: sales operations
WITH steps AS (
    SELECT
        v.id,
        v.valid_from,
        v.stage_id,
        LAG(v.stage_id) OVER (PARTITION BY v.id ORDER BY v.valid_from) AS before_id,
        ROW_NUMBER() OVER (PARTITION BY v.id ORDER BY v.valid_from) AS step
    FROM opportunity_version AS v
    WHERE v.id IN (:ids)
)
SELECT st.id, CAST(MAX(st.valid_from) AS DATE) AS since
FROM steps AS st
WHERE st.step = 1 OR COALESCE(st.stage_id, 0) <> COALESCE(st.before_id, 0)
GROUP BY st.id
ORDER BY st.id
