-- definition: The deals expected at the start of the period to close in it, with the date expected then and
--   the one known now; those still open with a later date are in the numerator of slippage.
-- unit: one row per deal; minor units of the company's currency
-- owner: sales management
SELECT
    u.id,
    u.rep_id,
    v.close_date AS expected_then,
    u.close_date,
    COALESCE(u.meaning = 'open' AND u.close_date > :ends, FALSE) AS is_counted,
    CAST(ROUND(u.value * u.share) AS BIGINT) AS value
FROM unit_deal AS u
INNER JOIN opportunity_version AS v
    ON v.id = u.id AND v.valid_from < :starts_at AND v.valid_to >= :starts_at
INNER JOIN stage AS s ON s.id = v.stage_id AND s.meaning = 'open'
WHERE (:any_unit OR COALESCE(u.unit, '') = :unit)
    AND v.close_date >= :starts
    AND v.close_date <= :ends
ORDER BY is_counted DESC, COALESCE(u.value * u.share, 0) DESC, u.id
