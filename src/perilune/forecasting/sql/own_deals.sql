-- definition: The deals of some reps that touch a period: open or closed since a moment, with an expected close in
--   the period or before it, or one in the period at that moment; as they are and as they were then.
-- unit: one row per deal; value in minor units of the company's currency
-- owner: sales operations
SELECT
    d.id,
    d.name,
    d.owner_id,
    d.meaning,
    d.value,
    d.category,
    d.forecast_category,
    d.close_date,
    d.next_step,
    d.stage_name,
    s.probability AS stage_probability,
    w.id IS NULL AS is_new,
    w.amount AS amount_then,
    d.amount AS amount_now,
    w.close_date AS close_then,
    COALESCE(t.name, '') AS stage_then,
    CASE
        WHEN t.meaning = 'won' THEN 'closed'
        WHEN t.meaning = 'lost' THEN 'omitted'
        ELSE COALESCE(w.forecast_category, t.category, 'pipeline')
    END AS category_then
FROM deal AS d
LEFT JOIN stage AS s ON s.id = d.stage_id
LEFT JOIN opportunity_version AS w
    ON w.id = d.id AND w.valid_from <= :since_at AND w.valid_to > :since_at
LEFT JOIN stage AS t ON t.id = w.stage_id
WHERE d.owner_id IN (:reps)
    AND (
        (d.meaning = 'open' AND d.close_date <= :ends)
        OR (d.meaning = 'open' AND w.close_date >= :starts AND w.close_date <= :ends)
        OR (
            d.meaning <> 'open' AND d.close_date >= :starts AND d.close_date <= :ends
            AND COALESCE(t.meaning, 'open') = 'open'
        )
    )
ORDER BY d.close_date, d.id
