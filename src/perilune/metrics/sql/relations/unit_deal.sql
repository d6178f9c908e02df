-- definition: Deals by the unit that :by names (total, rep, team, region, segment, industry), each deal
--   once a unit with the share of its credit. A closed deal belongs to whoever held it at the close and
--   to that rep's team on that day, an open one to its owner and team at the as-of; a team has the deals
--   of all teams below it. The unit is empty for deals without owner, team or account: they never vanish.
--   Where :is_cut says so, only the credit of :reps and of :teams and those below is here: the rows of
--   others count in nobody else's figures, and no figure depends on who asks for it.
-- unit: one row per deal and unit
-- owner: sales operations
WITH inside AS (
    SELECT DISTINCT t.team_id
    FROM team_path AS t
    WHERE t.ancestor_id IN (:teams)
),

split AS (
    SELECT
        x.opportunity_id AS deal_id,
        x.rep_id,
        x.share / 10000.0 AS share,
        p.team_id,
        p.region_id
    FROM opportunity_split AS x
    INNER JOIN opportunity AS o ON o.id = x.opportunity_id
    LEFT JOIN stage AS g ON g.id = o.stage_id
    LEFT JOIN seat AS p
        ON p.rep_id = x.rep_id
        AND p.first_day <= CASE
            WHEN g.meaning IN ('won', 'lost') THEN COALESCE(o.close_date, :as_of_day) ELSE :as_of_day
        END
        AND p.last_day >= CASE
            WHEN g.meaning IN ('won', 'lost') THEN COALESCE(o.close_date, :as_of_day) ELSE :as_of_day
        END
    WHERE COALESCE(x.is_overlay, FALSE) = FALSE AND (:is_cut OR :by IN ('rep', 'team', 'region'))
),

shared AS (
    SELECT s.deal_id, s.unit, MIN(s.rep_id) AS rep_id, SUM(s.share) AS share
    FROM (
        SELECT
            x.deal_id,
            x.rep_id,
            x.share,
            CASE
                WHEN :by = 'rep' THEN CAST(x.rep_id AS VARCHAR)
                WHEN :by = 'team' THEN CAST(t.ancestor_id AS VARCHAR)
                WHEN :by = 'region' THEN CAST(x.region_id AS VARCHAR)
            END AS unit
        FROM split AS x
        LEFT JOIN team_path AS t ON :by = 'team' AND t.team_id = x.team_id
        LEFT JOIN inside AS i ON i.team_id = x.team_id
        WHERE NOT :is_cut OR i.team_id IS NOT NULL OR x.rep_id IN (:reps)
    ) AS s
    GROUP BY s.deal_id, s.unit
),

divided AS (
    SELECT DISTINCT x.deal_id FROM split AS x
)

SELECT
    d.id,
    d.meaning,
    d.category,
    d.pipeline_id,
    d.stage_id,
    d.stage_name,
    d.stage_position,
    d.created_date,
    d.close_date,
    d.closed_date,
    d.first_contact_date,
    d.loss_reason,
    d.value,
    d.is_rate_missing,
    d.valid_from,
    COALESCE(x.share, 1.0) AS share,
    COALESCE(x.rep_id, k.owner_id, d.owner_id) AS rep_id,
    CASE
        WHEN :by = 'total' THEN 'total'
        WHEN :by = 'segment' THEN a.segment
        WHEN :by = 'industry' THEN a.industry
        WHEN v.deal_id IS NOT NULL THEN x.unit
        WHEN :by = 'rep' THEN CAST(COALESCE(k.owner_id, d.owner_id) AS VARCHAR)
        WHEN :by = 'team' THEN CAST(t.ancestor_id AS VARCHAR)
        WHEN :by = 'region' THEN CAST(p.region_id AS VARCHAR)
    END AS unit
FROM deal AS d
LEFT JOIN divided AS v ON v.deal_id = d.id
LEFT JOIN shared AS x ON x.deal_id = d.id
LEFT JOIN closer AS k
    ON k.id = d.id AND k.meaning = d.meaning AND k.close_date = d.closed_date
LEFT JOIN seat AS p
    ON (:is_cut OR :by IN ('team', 'region'))
    AND v.deal_id IS NULL
    AND p.rep_id = COALESCE(k.owner_id, d.owner_id)
    AND p.first_day <= COALESCE(d.closed_date, :as_of_day)
    AND p.last_day >= COALESCE(d.closed_date, :as_of_day)
LEFT JOIN team_path AS t ON :by = 'team' AND t.team_id = p.team_id
LEFT JOIN inside AS i ON i.team_id = p.team_id
LEFT JOIN account AS a ON :by IN ('segment', 'industry') AND a.id = d.account_id
WHERE NOT :is_cut
    OR x.deal_id IS NOT NULL
    OR (v.deal_id IS NULL AND (i.team_id IS NOT NULL OR COALESCE(k.owner_id, d.owner_id) IN (:reps)))
