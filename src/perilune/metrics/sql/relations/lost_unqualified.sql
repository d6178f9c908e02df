-- definition: Deals lost from :oldest to the end of the period that never were in a stage that their pipeline marks as
--   qualified. A pipeline that marks none has none of these.
-- unit: one row per deal
-- owner: sales operations
WITH lost AS (
    SELECT o.id
    FROM opportunity AS o
    INNER JOIN stage AS s ON s.id = o.stage_id AND s.meaning = 'lost'
    WHERE o.close_date >= :oldest
        AND o.close_date <= :ends
        AND EXISTS (
            SELECT 1 FROM stage AS q
            WHERE q.pipeline_id = s.pipeline_id AND q.is_qualified = TRUE AND q.meaning = 'open'
        )
),

qualified AS (
    SELECT DISTINCT v.id
    FROM lost AS l
    INNER JOIN opportunity_version AS v ON v.id = l.id
    INNER JOIN stage AS q ON q.id = v.stage_id AND q.is_qualified = TRUE AND q.meaning = 'open'
)

SELECT l.id
FROM lost AS l
WHERE NOT EXISTS (SELECT 1 FROM qualified AS q WHERE q.id = l.id)
