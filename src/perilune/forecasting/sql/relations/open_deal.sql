-- definition: The open deals that count, as known at the as-of, with their owner and the team that the owner
--   sits in on that day: where there are several, the one with the larger share of time, then the later.
-- unit: one row per open deal; minor units of the company's currency
-- owner: sales operations
SELECT
    d.*,
    r.name AS owner,
    h.team_id,
    t.name AS team
FROM deal AS d
LEFT JOIN rep AS r ON r.id = d.owner_id
LEFT JOIN (
    SELECT
        a.rep_id,
        a.team_id,
        ROW_NUMBER() OVER (
            PARTITION BY a.rep_id ORDER BY COALESCE(a.fte, 1.0) DESC, a.effective_from DESC, a.id
        ) AS place
    FROM assignment AS a
    WHERE COALESCE(a.effective_from, DATE '1900-01-01') <= :as_of_day
        AND COALESCE(a.effective_to, DATE '9999-12-31') >= :as_of_day
) AS h ON h.rep_id = d.owner_id AND h.place = 1
LEFT JOIN team AS t ON t.id = h.team_id
WHERE d.meaning = 'open'
