-- definition: The open deals that edits of a scenario may reach: who holds them, for which account, whether
--   they are in commit (of a deal whose category says «closed» too).
-- unit: one row per open deal; minor units of the company's currency
-- owner: sales operations
SELECT
    d.id,
    d.owner_id,
    d.account_id,
    d.value,
    d.category IN ('commit', 'closed') AS is_commit
FROM deal AS d
WHERE d.meaning = 'open'
ORDER BY d.id
