-- definition: Open deals as known at the as-of with their owner, the owner's team of that day and their stage.
-- unit: one row per deal; value in minor units of the company's currency
-- owner: sales operations
SELECT
    d.id,
    d.name,
    d.owner_id,
    d.owner,
    d.team_id,
    d.team,
    d.stage_id,
    d.stage_name AS stage,
    d.stage_position,
    d.close_date,
    d.value,
    d.next_step
FROM open_deal AS d
ORDER BY d.id
