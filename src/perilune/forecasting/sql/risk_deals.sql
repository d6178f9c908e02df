-- definition: Open deals that a person may see, as a worklist names them: deal, customer, owner and the team
--   that the owner sits in at the as-of, stage, expected close, value; with :every all, else the deals :ids.
-- unit: one row per open deal; minor units of the company's currency
-- owner: sales management
SELECT
    d.id,
    d.name,
    d.account_id,
    c.name AS account,
    d.owner_id,
    d.owner,
    d.team_id,
    d.team,
    d.stage_name AS stage,
    d.close_date,
    d.value
FROM open_deal AS d
LEFT JOIN account AS c ON c.id = d.account_id
WHERE d.category <> 'omitted' AND (:every OR d.id IN (:ids))
ORDER BY COALESCE(d.value, 0) DESC, d.id
