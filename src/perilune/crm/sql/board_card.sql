-- definition: One deal as its card on the board shows it.
-- unit: one row; value in minor units of the company's currency
-- owner: sales operations
SELECT
    d.id, d.name, d.stage_id, d.owner_id, d.account_id, d.value, d.close_date, d.next_step, d.meaning
FROM deal AS d
WHERE d.id = :id
