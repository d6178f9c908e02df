-- definition: Every won deal as it was known over time: one row per version of the deal and credited rep,
--   with the amount in the company's currency by the budget rate of the close date (null where the rate is
--   missing). Credited are the reps of the splits as known at the as-of, else the one who held the deal
--   when it closed: its owner in the first version that says of the close what this one says. Overlay
--   credit and deals that the company leaves out of all figures are not here.
-- unit: amount in minor units of the company's currency; share in basis points
-- owner: sales operations
WITH shares AS (
    SELECT opportunity_id AS deal_id, rep_id, share
    FROM opportunity_split
    WHERE COALESCE(is_overlay, FALSE) = FALSE
),

-- few: only what was touched after its close has a won version that has ended
touched AS (
    SELECT ranked.id, ranked.close_date, ranked.owner_id
    FROM (
        SELECT
            v.id,
            v.close_date,
            v.owner_id,
            ROW_NUMBER() OVER (PARTITION BY v.id, v.close_date ORDER BY v.valid_from) AS place
        FROM opportunity_version AS v
        INNER JOIN stage AS s ON s.id = v.stage_id
        WHERE s.meaning = 'won' AND v.valid_to <= :as_of
    ) AS ranked
    WHERE ranked.place = 1
)

SELECT
    v.id,
    v.valid_from,
    v.valid_to,
    v.close_date,
    CASE
        WHEN COALESCE(v.currency, :currency) = :currency THEN v.amount
        ELSE CAST(ROUND(v.amount * r.factor) AS BIGINT)
    END AS amount,
    COALESCE(c.share, 10000) AS share,
    CASE WHEN c.deal_id IS NULL THEN COALESCE(k.owner_id, v.owner_id) ELSE c.rep_id END AS rep_id
FROM opportunity_version AS v
INNER JOIN stage AS s ON s.id = v.stage_id
LEFT JOIN shares AS c ON c.deal_id = v.id
LEFT JOIN touched AS k ON k.id = v.id AND k.close_date = v.close_date
LEFT JOIN budget_rate AS r
    ON r.currency = v.currency
    AND r.currency <> :currency
    AND r.starts <= v.close_date
    AND r.ends > v.close_date
WHERE s.meaning = 'won'
    AND v.close_date <= :as_of_day
    AND v.amount IS NOT NULL
    AND COALESCE(v.is_excluded, FALSE) = FALSE
