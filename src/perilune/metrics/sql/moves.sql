-- definition: What happened to expected close dates in the period: moves to a later quarter (pushes) and
--   to an earlier one (pull-ins), known within the period; and of the deals expected at its start to
--   close in it, those that are still open with a later date (slipped).
-- unit: counts, minor units of the company's currency
-- owner: sales operations
WITH moved AS (
    SELECT
        v.id,
        COUNT(CASE WHEN v.close_date > p.close_date THEN 1 END) AS pushes,
        COUNT(CASE WHEN v.close_date < p.close_date THEN 1 END) AS pulls
    FROM opportunity_version AS v
    INNER JOIN opportunity_version AS p ON p.id = v.id AND p.valid_to = v.valid_from
    INNER JOIN day AS after_day ON after_day.day = v.close_date
    INNER JOIN day AS before_day ON before_day.day = p.close_date
    INNER JOIN stage AS s ON s.id = v.stage_id AND s.meaning = 'open'
    WHERE v.valid_from >= :starts_at
        AND v.valid_from <= :ends_at
        AND p.valid_to >= :starts_at
        AND p.valid_to <= :ends_at
        AND after_day.quarter <> before_day.quarter
    GROUP BY v.id
),

expected AS (
    SELECT v.id
    FROM opportunity_version AS v
    INNER JOIN stage AS s ON s.id = v.stage_id AND s.meaning = 'open'
    WHERE v.valid_from < :starts_at
        AND v.valid_to >= :starts_at
        AND v.close_date >= :starts
        AND v.close_date <= :ends
),

concerned AS (
    SELECT m.id FROM moved AS m
    UNION
    SELECT e.id FROM expected AS e
)

SELECT
    u.unit,
    CAST(COALESCE(SUM(m.pushes), 0) AS BIGINT) AS pushes,
    CAST(COALESCE(SUM(m.pulls), 0) AS BIGINT) AS pulls,
    COUNT(e.id) AS expected_count,
    CAST(ROUND(COALESCE(SUM(CASE WHEN e.id IS NOT NULL THEN u.value * u.share END), 0)) AS BIGINT) AS expected_value,
    SUM(CASE WHEN e.id IS NOT NULL THEN u.value * u.share * u.value * u.share END) AS expected_squares,
    COUNT(CASE WHEN e.id IS NOT NULL AND u.meaning = 'open' AND u.close_date > :ends THEN 1 END) AS slipped_count,
    CAST(
        ROUND(
            COALESCE(
                SUM(
                    CASE
                        WHEN e.id IS NOT NULL AND u.meaning = 'open' AND u.close_date > :ends
                            THEN u.value * u.share
                    END
                ),
                0
            )
        ) AS BIGINT
    ) AS slipped_value
FROM concerned AS c
INNER JOIN unit_deal AS u ON u.id = c.id
LEFT JOIN moved AS m ON m.id = c.id
LEFT JOIN expected AS e ON e.id = c.id
GROUP BY u.unit
