-- definition: Of the value that was open with an expected close in a past period, the same number of days
--   into it, the share that was won in that period. Its inverse is the coverage that is required.
-- unit: minor units of the company's currency
-- owner: sales operations
SELECT
    u.unit,
    p.name,
    COUNT(*) AS n,
    CAST(ROUND(COALESCE(SUM(u.value * u.share), 0)) AS BIGINT) AS open_value,
    CAST(
        ROUND(COALESCE(
            SUM(
                CASE
                    WHEN u.meaning = 'won' AND u.closed_date >= p.starts AND u.closed_date <= p.ends
                        THEN u.value * u.share
                END
            ),
            0
        )) AS BIGINT
    ) AS won_value
FROM period AS p
INNER JOIN opportunity_version AS v
    ON v.close_date >= p.starts
    AND v.close_date <= p.ends
    AND DATE_DIFF('day', p.starts, CAST(v.valid_from AS DATE)) < :day_of_period
    AND DATE_DIFF('day', p.starts, CAST(v.valid_to AS DATE)) >= :day_of_period
INNER JOIN stage AS s ON s.id = v.stage_id AND s.meaning = 'open'
INNER JOIN unit_deal AS u ON u.id = v.id
WHERE p.name IN (:periods)
    AND v.close_date >= :oldest
    AND v.close_date <= :newest
GROUP BY u.unit, p.name
