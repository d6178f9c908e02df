-- definition: The open deals of a rep that a departure hands over, as known at the as-of: their account and stage,
--   whether they are in commit (of a deal whose category says «closed» too), the largest first. Deals that the
--   company leaves out of its figures change hands as well.
-- unit: one row per open deal; minor units of the company's currency
-- owner: sales operations
SELECT
    d.id,
    d.name,
    d.account_id,
    a.name AS account,
    d.stage_name,
    d.close_date,
    d.value,
    d.category IN ('commit', 'closed') AS is_commit
FROM any_deal AS d
LEFT JOIN account AS a ON a.id = d.account_id
WHERE d.meaning = 'open' AND d.owner_id = :owner_id
ORDER BY COALESCE(d.value, 0) DESC, d.id
