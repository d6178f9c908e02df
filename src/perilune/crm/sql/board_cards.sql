-- definition: The first deals of each stage of a pipeline: open ones by close date, closed ones since
--   a day by latest close.
-- unit: one row per deal; value in minor units of the company's currency
-- owner: sales operations
SELECT
    d.id, d.name, d.stage_id, d.owner_id, d.account_id, d.value, d.close_date, d.next_step, d.meaning
FROM deal AS d
INNER JOIN stage AS g ON g.id = d.stage_id
WHERE g.pipeline_id = :pipeline_id
    AND (d.meaning = 'open' OR d.closed_date >= :since)
    AND (:owner_id IS NULL OR d.owner_id = :owner_id)
QUALIFY ROW_NUMBER() OVER (
    PARTITION BY d.stage_id
    ORDER BY
        CASE WHEN d.meaning = 'open' THEN d.close_date END NULLS LAST,
        d.close_date DESC NULLS LAST,
        d.id
) <= :cards
ORDER BY
    d.stage_id,
    CASE WHEN d.meaning = 'open' THEN d.close_date END NULLS LAST,
    d.close_date DESC NULLS LAST,
    d.id
