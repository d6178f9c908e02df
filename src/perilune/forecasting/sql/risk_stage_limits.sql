-- definition: How long the deals that were won in the year before the as-of had stayed in each stage that they
--   left: how many stays, and the days that a share :quantile of them did not exceed.
-- unit: days
-- owner: sales management
WITH steps AS (
    SELECT
        v.id,
        v.valid_from,
        v.stage_id,
        LAG(v.stage_id) OVER (PARTITION BY v.id ORDER BY v.valid_from) AS before_id,
        ROW_NUMBER() OVER (PARTITION BY v.id ORDER BY v.valid_from) AS step
    FROM opportunity_version AS v
    INNER JOIN deal AS d ON d.id = v.id AND d.meaning = 'won' AND d.closed_date > :since
),

entered AS (
    SELECT
        s.id,
        s.stage_id,
        s.valid_from,
        LEAD(s.valid_from) OVER (PARTITION BY s.id ORDER BY s.valid_from) AS left_at
    FROM steps AS s
    WHERE s.step = 1 OR COALESCE(s.stage_id, 0) <> COALESCE(s.before_id, 0)
)

SELECT
    e.stage_id,
    COUNT(*) AS n,
    QUANTILE_CONT(CAST(DATE_DIFF('day', CAST(e.valid_from AS DATE), CAST(e.left_at AS DATE)) AS DOUBLE), :quantile)
        AS days
FROM entered AS e
WHERE e.left_at IS NOT NULL AND e.stage_id IS NOT NULL
GROUP BY e.stage_id
ORDER BY e.stage_id
