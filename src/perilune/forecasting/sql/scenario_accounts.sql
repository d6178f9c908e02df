-- definition: Accounts whose new business edits of a scenario may move or aim at: owner, segment, sector.
-- unit: one row per account with an owner
-- owner: sales operations
SELECT
    a.id,
    a.owner_id,
    COALESCE(a.segment, '') AS segment,
    COALESCE(a.industry, '') AS sector
FROM account AS a
WHERE a.owner_id IS NOT NULL
ORDER BY a.id
