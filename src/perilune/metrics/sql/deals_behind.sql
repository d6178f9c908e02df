-- definition: The deals behind a measure: won, lost or both in the period, created in the window, open,
--   open and due in the period, of one unit of a cut or of all.
-- unit: one row per deal; minor units of the company's currency
-- owner: sales operations
WITH chosen AS (
    SELECT u.id, u.meaning, u.value, u.share, u.rep_id, u.created_date, u.close_date, u.loss_reason
    FROM unit_deal AS u
    WHERE (:any_unit OR COALESCE(u.unit, '') = :unit)
        AND CASE
            WHEN :rows = 'won' THEN u.meaning = 'won' AND u.closed_date >= :starts AND u.closed_date <= :until
            WHEN :rows = 'lost' THEN u.meaning = 'lost' AND u.closed_date >= :starts AND u.closed_date <= :until
            WHEN :rows = 'closed' THEN u.closed_date >= :starts AND u.closed_date <= :until
            WHEN :rows = 'cohort' THEN u.created_date >= :cohort_from AND u.created_date <= :cohort_to
            WHEN :rows = 'open' THEN u.meaning = 'open' AND u.category <> 'omitted'
            ELSE u.meaning = 'open' AND u.category <> 'omitted'
                AND u.close_date >= :starts AND u.close_date <= :ends
        END
)

SELECT
    c.id,
    o.name,
    a.name AS account,
    r.name AS owner,
    s.name AS stage,
    c.created_date,
    c.close_date,
    CAST(ROUND(c.value * c.share) AS BIGINT) AS value,
    COUNT(*) OVER () AS total
FROM chosen AS c
INNER JOIN opportunity AS o ON o.id = c.id
LEFT JOIN account AS a ON a.id = o.account_id
LEFT JOIN rep AS r ON r.id = c.rep_id
LEFT JOIN stage AS s ON s.id = o.stage_id
ORDER BY COALESCE(c.value * c.share, 0) DESC, c.id
LIMIT 200
