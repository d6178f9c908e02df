-- definition: What `won` holds, by rep and by what was sold (:cut product) or to whom (:cut segment): the part
--   of a deal is that known at the as-of.
-- reading: Days and days of knowledge are those of `won`; part_id as in `deal_part`.
-- unit: minor units of the company's currency times 10,000 (shares are basis points)
-- owner: sales operations
WITH dated AS (
    SELECT
        w.rep_id,
        p.part_id,
        DATEDIFF('day', :first_day, w.close_date) AS day,
        DATEDIFF('day', :first_day, CAST(w.valid_from + INTERVAL '1' SECOND * :low AS DATE)) AS from_low,
        DATEDIFF('day', :first_day, CAST(w.valid_from + INTERVAL '1' SECOND * :high AS DATE)) AS from_high,
        CASE WHEN w.valid_to < TIMESTAMP '9999-01-01 00:00:00'
            THEN DATEDIFF('day', :first_day, CAST(w.valid_to + INTERVAL '1' SECOND * :low AS DATE))
        ELSE -1 END AS to_low,
        CASE WHEN w.valid_to < TIMESTAMP '9999-01-01 00:00:00'
            THEN DATEDIFF('day', :first_day, CAST(w.valid_to + INTERVAL '1' SECOND * :high AS DATE))
        ELSE -1 END AS to_high,
        w.amount * w.share * p.share AS credit,
        CASE WHEN w.amount IS NULL THEN 0 ELSE w.share * p.share END AS shares
    FROM credited_win AS w
    INNER JOIN deal_part AS p ON p.deal_id = w.id AND p.cut = :cut
)

SELECT
    COALESCE(d.rep_id, -1) AS rep_id,
    d.part_id,
    d.day,
    GREATEST(d.from_low, d.day) AS from_low,
    GREATEST(d.from_high, d.day) AS from_high,
    d.to_low,
    d.to_high,
    CAST(SUM(d.credit) AS DOUBLE) AS credit,
    CAST(SUM(d.shares) AS DOUBLE) AS shares
FROM dated AS d
WHERE d.to_high = -1 OR d.to_high > d.day
GROUP BY
    COALESCE(d.rep_id, -1), d.part_id, d.day, GREATEST(d.from_low, d.day), GREATEST(d.from_high, d.day),
    d.to_low, d.to_high
ORDER BY rep_id, d.part_id, d.day, from_low, from_high, d.to_low, d.to_high
