-- definition: Who held a deal when it closed, for deals that were touched after a close: of each meaning
--   (won, lost) and close date the owner in the first version that says so. All others: the owner.
-- unit: one row per deal, meaning and close date
-- owner: sales operations
SELECT ranked.id, ranked.meaning, ranked.close_date, ranked.owner_id
FROM (
    SELECT
        v.id,
        s.meaning,
        v.close_date,
        v.owner_id,
        ROW_NUMBER() OVER (PARTITION BY v.id, s.meaning, v.close_date ORDER BY v.valid_from) AS place
    FROM opportunity_version AS v
    INNER JOIN stage AS s ON s.id = v.stage_id
    WHERE v.valid_to <= :as_of AND s.meaning IN ('won', 'lost') AND v.close_date IS NOT NULL
) AS ranked
WHERE ranked.place = 1
