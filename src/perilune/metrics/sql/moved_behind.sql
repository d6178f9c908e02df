-- definition: The moves of expected close dates of open deals to a later quarter (:rows is «pushes») or to an
--   earlier one, known within the period, one row a move.
-- unit: one row per move; minor units of the company's currency
-- owner: sales management
SELECT
    u.id,
    u.rep_id,
    p.close_date AS expected_then,
    v.close_date,
    TRUE AS is_counted,
    CAST(ROUND(u.value * u.share) AS BIGINT) AS value
FROM opportunity_version AS v
INNER JOIN opportunity_version AS p ON p.id = v.id AND p.valid_to = v.valid_from
INNER JOIN day AS after_day ON after_day.day = v.close_date
INNER JOIN day AS before_day ON before_day.day = p.close_date
INNER JOIN stage AS s ON s.id = v.stage_id AND s.meaning = 'open'
INNER JOIN unit_deal AS u ON u.id = v.id
WHERE (:any_unit OR COALESCE(u.unit, '') = :unit)
    AND v.valid_from >= :starts_at
    AND v.valid_from <= :ends_at
    AND p.valid_to >= :starts_at
    AND p.valid_to <= :ends_at
    AND after_day.quarter <> before_day.quarter
    AND CASE WHEN :rows = 'pushes' THEN v.close_date > p.close_date ELSE v.close_date < p.close_date END
ORDER BY COALESCE(u.value * u.share, 0) DESC, u.id, v.valid_from
