-- definition: Deals closed between two days of accounts: won, or lost from a stage that their pipeline marks as
--   qualified (any stage where it marks none) for a reason that says there was a real deal (rule 13), with what
--   the won brought and the days from creation to close. A value or a number of days that is not known is -1.
-- unit: one row per deal; minor units of the company's currency, days
-- owner: sales operations
SELECT
    d.account_id,
    CASE WHEN d.meaning = 'won' THEN 1 ELSE 0 END AS won,
    CAST(COALESCE(d.value, -1) AS DOUBLE) AS minor,
    CAST(COALESCE(DATE_DIFF('day', d.created_date, d.closed_date), -1) AS DOUBLE) AS days
FROM deal AS d
INNER JOIN stage AS s ON s.id = d.stage_id
WHERE d.account_id IS NOT NULL
    AND d.meaning IN ('won', 'lost')
    AND d.closed_date >= :starts
    AND d.closed_date <= :ends
    AND (
        d.meaning = 'won'
        OR (
            NOT COALESCE(LOWER(d.loss_reason) IN (:no_deal), FALSE)
            AND (
                NOT EXISTS (
                    SELECT 1 FROM stage AS q
                    WHERE q.pipeline_id = s.pipeline_id AND q.is_qualified = TRUE AND q.meaning = 'open'
                )
                OR EXISTS (
                    SELECT 1
                    FROM opportunity_version AS v
                    INNER JOIN stage AS q ON q.id = v.stage_id AND q.is_qualified = TRUE AND q.meaning = 'open'
                    WHERE v.id = d.id
                )
            )
        )
    )
ORDER BY d.id
