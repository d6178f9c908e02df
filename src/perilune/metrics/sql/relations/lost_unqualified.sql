-- definition: Deals lost from :oldest to the end of the period that never were in a stage that their pipeline marks as
--   qualified. A pipeline that marks none has none of these.
-- unit: one row per deal
-- owner: sales operations
SELECT o.id
FROM opportunity AS o
INNER JOIN stage AS s ON s.id = o.stage_id AND s.meaning = 'lost'
WHERE o.close_date >= :oldest
    AND o.close_date <= :ends
    AND EXISTS (
        SELECT 1 FROM stage AS q
        WHERE q.pipeline_id = s.pipeline_id AND q.is_qualified = TRUE AND q.meaning = 'open'
    )
    AND NOT EXISTS (
        SELECT 1
        FROM opportunity_version AS v
        INNER JOIN stage AS q ON q.id = v.stage_id AND q.is_qualified = TRUE AND q.meaning = 'open'
        WHERE v.id = o.id
    )
