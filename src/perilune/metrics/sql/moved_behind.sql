-- definition: The deals behind slippage and moves of close dates: expected at the start of the period to
--   close in it, with the date expected then and the one known now.
-- unit: one row per deal; minor units of the company's currency
-- owner: sales management
SELECT
    u.id,
    o.name,
    a.name AS account,
    r.name AS owner,
    s.name AS stage,
    v.close_date AS expected_then,
    u.close_date,
    CAST(ROUND(u.value * u.share) AS BIGINT) AS value,
    COUNT(*) OVER () AS total
FROM unit_deal AS u
INNER JOIN opportunity_version AS v
    ON v.id = u.id AND v.valid_from < :starts_at AND v.valid_to >= :starts_at
INNER JOIN opportunity AS o ON o.id = u.id
LEFT JOIN account AS a ON a.id = o.account_id
LEFT JOIN rep AS r ON r.id = u.rep_id
LEFT JOIN stage AS s ON s.id = o.stage_id
WHERE (:any_unit OR COALESCE(u.unit, '') = :unit)
    AND v.close_date >= :starts
    AND v.close_date <= :ends
    AND u.meaning = 'open'
    AND u.close_date > :ends
ORDER BY COALESCE(u.value * u.share, 0) DESC, u.id
LIMIT 200
