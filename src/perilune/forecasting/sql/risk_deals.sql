-- definition: Open deals that a person may see, as a worklist names them: deal, customer, owner and the team
--   that the owner sits in at the as-of, stage, expected close, value; the first :most by value, or the one deal :deal where it is not 0.
-- unit: one row per open deal; minor units of the company's currency
-- owner: sales management
SELECT
    d.id,
    d.name,
    d.account_id,
    c.name AS account,
    d.owner_id,
    r.name AS owner,
    held.team_id,
    t.name AS team,
    d.stage_name AS stage,
    d.close_date,
    d.value
FROM deal AS d
LEFT JOIN account AS c ON c.id = d.account_id
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
) AS held ON held.rep_id = d.owner_id AND held.place = 1
LEFT JOIN team AS t ON t.id = held.team_id
WHERE d.meaning = 'open' AND d.category <> 'omitted' AND (:deal = 0 OR d.id = :deal)
ORDER BY COALESCE(d.value, 0) DESC, d.id
LIMIT :most
