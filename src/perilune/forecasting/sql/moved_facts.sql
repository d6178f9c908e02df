-- definition: What is on record of the deals :ids at one end of a move of the forecast, as known at the as-of.
-- reading: Numbers alone. Meaning: 0 open, 1 won, 2 lost. Days are counted from 1970-01-01; without a date
--   :never, without an amount or a stage -1.
-- unit: minor units of the deal's currency
-- owner: sales operations
SELECT
    d.id,
    CASE d.meaning WHEN 'won' THEN 1 WHEN 'lost' THEN 2 ELSE 0 END AS meaning,
    COALESCE(DATEDIFF('day', DATE '1970-01-01', d.close_date), :never) AS due,
    COALESCE(d.stage_id, -1) AS stage,
    CASE d.category
        WHEN 'commit' THEN 1
        WHEN 'most_likely' THEN 2
        WHEN 'best_case' THEN 3
        WHEN 'pipeline' THEN 4
        WHEN 'omitted' THEN 5
        ELSE 0
    END AS category,
    COALESCE(d.expected, -1) AS amount
FROM any_deal AS d
WHERE d.id IN (:ids)
ORDER BY d.id
