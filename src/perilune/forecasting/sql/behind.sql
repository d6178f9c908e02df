-- definition: The largest deals of a period: won with a close date in it up to the as-of, and open with an
--   expected close in it; value by budget rates, of open deals without an amount the list price.
-- unit: minor units of the company's currency
-- owner: sales operations
SELECT r.id, r.name, r.meaning, r.close_date, r.stage_name, r.type, r.value
FROM (
    SELECT
        d.id,
        d.name,
        d.meaning,
        d.close_date,
        d.stage_name,
        d.type,
        d.value,
        ROW_NUMBER() OVER (PARTITION BY d.meaning ORDER BY d.value DESC, d.id) AS place
    FROM deal AS d
    WHERE d.meaning IN ('won', 'open')
        AND d.value IS NOT NULL
        AND d.close_date >= :starts
        AND d.close_date <= CASE WHEN d.meaning = 'won' THEN :until ELSE :ends END
) AS r
WHERE r.place <= :most
ORDER BY r.meaning DESC, r.place
