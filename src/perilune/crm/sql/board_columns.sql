-- definition: Number and expected value of a pipeline's deals by stage: open ones, and those closed
--   since a day. Deals whose currency has no budget rate are counted and left out of the value.
-- unit: money
-- owner: sales operations
SELECT
    d.stage_id,
    COUNT(*) AS n,
    CAST(SUM(d.value) AS BIGINT) AS value,
    COUNT(CASE WHEN d.is_rate_missing THEN 1 END) AS unrated
FROM deal AS d
INNER JOIN stage AS g ON g.id = d.stage_id
WHERE g.pipeline_id = :pipeline_id
    AND (d.meaning = 'open' OR d.closed_date >= :since)
    AND (:owner_id IS NULL OR d.owner_id = :owner_id)
GROUP BY d.stage_id
ORDER BY d.stage_id
