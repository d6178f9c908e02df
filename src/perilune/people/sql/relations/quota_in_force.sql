-- definition: The quotas that count on the as-of day: of each rep, team or the company (both null), span of
--   days and level (operating unless named) the one that was put in force last, at the budget rate of its
--   first day: plans keep one rate for their fiscal year. Without a rate there is no amount.
-- unit: minor units of the company's currency
-- owner: sales operations
SELECT
    ranked.rep_id,
    ranked.team_id,
    ranked.starts,
    ranked.ends,
    CAST(ROUND(ranked.amount * r.factor) AS BIGINT) AS amount,
    ranked.level,
    ranked.amount IS NOT NULL AND r.factor IS NULL AS is_rate_missing
FROM (
    SELECT
        q.rep_id,
        q.team_id,
        q.starts,
        q.ends,
        q.amount,
        COALESCE(q.currency, :currency) AS currency,
        COALESCE(q.level, 'operating') AS level,
        ROW_NUMBER() OVER (
            PARTITION BY
                COALESCE(q.rep_id, 0), COALESCE(q.team_id, 0), q.starts, q.ends,
                COALESCE(q.level, 'operating')
            ORDER BY COALESCE(q.effective_from, DATE '1900-01-01') DESC, q.id DESC
        ) AS place
    FROM quota AS q
    WHERE COALESCE(q.effective_from, DATE '1900-01-01') <= :as_of_day
) AS ranked
LEFT JOIN budget_rate AS r
    ON r.currency = ranked.currency AND r.starts <= ranked.starts AND r.ends > ranked.starts
WHERE ranked.place = 1
