-- definition: Who is credited with a deal: the reps of its splits, else alone the one who held it at the
--   event: the owner at the close, of an open deal the owner. Overlay credit stands apart and never
--   enters company totals.
-- unit: share of the deal, 0 to 1
-- owner: sales operations
SELECT
    s.opportunity_id AS deal_id,
    s.rep_id,
    s.share / 10000.0 AS share,
    COALESCE(s.is_overlay, FALSE) AS is_overlay
FROM opportunity_split AS s
UNION ALL
SELECT o.id AS deal_id, COALESCE(k.owner_id, o.owner_id) AS rep_id, 1.0 AS share, FALSE AS is_overlay
FROM opportunity AS o
LEFT JOIN stage AS g ON g.id = o.stage_id
LEFT JOIN closer AS k ON k.id = o.id AND k.meaning = g.meaning AND k.close_date = o.close_date
WHERE NOT EXISTS (
    SELECT 1 FROM opportunity_split AS s
    WHERE s.opportunity_id = o.id AND COALESCE(s.is_overlay, FALSE) = FALSE
)
