-- definition: Deals by the unit that :by names (total, rep, team, region, segment, industry), each deal
--   once a unit with the share of its credit. A closed deal belongs to whoever held it at the close and
--   to that rep's team on that day, an open one to its owner and team at the as-of. The unit is empty
--   for deals without owner, team or account: they never vanish.
-- unit: one row per deal and unit
-- owner: sales operations
WITH shared AS (
    SELECT s.deal_id, s.unit, MIN(s.rep_id) AS rep_id, SUM(s.share) AS share
    FROM (
        SELECT
            x.opportunity_id AS deal_id,
            x.rep_id,
            x.share / 10000.0 AS share,
            CASE
                WHEN :by = 'rep' THEN CAST(x.rep_id AS VARCHAR)
                WHEN :by = 'team' THEN CAST(p.team_id AS VARCHAR)
                WHEN :by = 'region' THEN CAST(p.region_id AS VARCHAR)
            END AS unit
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
        WHERE COALESCE(x.is_overlay, FALSE) = FALSE AND :by IN ('rep', 'team', 'region')
    ) AS s
    GROUP BY s.deal_id, s.unit
)

SELECT
    d.id,
    d.meaning,
    d.category,
    d.pipeline_id,
    d.stage_id,
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
        WHEN :by = 'rep' THEN COALESCE(x.unit, CAST(COALESCE(k.owner_id, d.owner_id) AS VARCHAR))
        WHEN :by = 'team' THEN CASE WHEN x.deal_id IS NULL THEN CAST(p.team_id AS VARCHAR) ELSE x.unit END
        WHEN :by = 'region' THEN CASE WHEN x.deal_id IS NULL THEN CAST(p.region_id AS VARCHAR) ELSE x.unit END
    END AS unit
FROM deal AS d
LEFT JOIN shared AS x ON x.deal_id = d.id
LEFT JOIN closer AS k
    ON k.id = d.id AND k.meaning = d.meaning AND k.close_date = d.closed_date
LEFT JOIN seat AS p
    ON :by IN ('team', 'region')
    AND p.rep_id = COALESCE(k.owner_id, d.owner_id)
    AND p.first_day <= COALESCE(d.closed_date, :as_of_day)
    AND p.last_day >= COALESCE(d.closed_date, :as_of_day)
LEFT JOIN account AS a ON :by IN ('segment', 'industry') AND a.id = d.account_id
