-- definition: Every team with the top of its tree, itself when it has no parent.
-- unit: one row per team
-- owner: sales operations
SELECT path.team_id, path.ancestor_id AS region_id
FROM (
    SELECT
        p.team_id,
        p.ancestor_id,
        ROW_NUMBER() OVER (PARTITION BY p.team_id ORDER BY p.depth DESC) AS place
    FROM team_path AS p
) AS path
WHERE path.place = 1
