-- definition: The deals of one end of a pipeline bridge as known at the as-of: the open ones that are expected in
--   the period (or, with :any_date, all), and all that were touched after :since (also where their stage
--   was). With :is_picked only the deals :ids, open or closed. A closed deal is that of whoever held it at
--   the close.
-- reading: Numbers alone, so that a hundred thousand rows are read at once. Meaning: 0 open, 1 won, 2 lost.
--   Days are counted from 1970-01-01; without a date :never, without an amount :unknown, without an owner
--   -1. A deal counts unless the company leaves it out or another type was asked for.
-- unit: minor units of the deal's currency
-- owner: sales operations
SELECT
    d.id,
    CASE d.meaning WHEN 'won' THEN 1 WHEN 'lost' THEN 2 ELSE 0 END AS meaning,
    CASE WHEN d.meaning = 'open' AND d.category = 'omitted' THEN 1 ELSE 0 END AS is_omitted,
    CASE
        WHEN COALESCE(d.is_excluded, FALSE) THEN 0
        WHEN :deal_type <> '' AND COALESCE(d.type, '') <> :deal_type THEN 0
        ELSE 1
    END AS is_inside,
    COALESCE(DATEDIFF('day', DATE '1970-01-01', d.close_date), :never) AS day,
    COALESCE(d.expected, :unknown) AS amount,
    COALESCE(k.owner_id, d.owner_id, -1) AS owner,
    COALESCE(d.currency, :currency) AS currency
FROM any_deal AS d
LEFT JOIN stage AS s ON s.id = d.stage_id
LEFT JOIN closer AS k ON k.id = d.id AND k.meaning = d.meaning AND k.close_date = d.closed_date
WHERE CASE
    WHEN :is_picked THEN d.id IN (:ids)
    ELSE (d.meaning = 'open' AND (:any_date OR COALESCE(d.close_date >= :starts AND d.close_date <= :ends, FALSE)))
        OR d.valid_from > :since
        OR COALESCE(s.valid_from > :since, FALSE)
END
ORDER BY d.id
