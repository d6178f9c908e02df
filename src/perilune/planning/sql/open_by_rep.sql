-- definition: The open pipeline of each rep as known at the as-of: the credited value of open deals, overlay apart,
--   whole and times the chance that the deal's stage states. Deals without a rate, and those whose stage states
--   no chance, are counted and are not in it.
-- unit: minor units of the company's currency; deals
-- owner: sales operations
SELECT
    c.rep_id,
    CAST(ROUND(COALESCE(SUM(CAST(d.value * c.share AS DOUBLE)), 0)) AS BIGINT) AS whole,
    CAST(ROUND(COALESCE(SUM(CAST(d.value * c.share * s.probability AS DOUBLE)), 0)) AS BIGINT) AS likely,
    SUM(CASE WHEN d.is_rate_missing THEN 1 ELSE 0 END) AS without_rate,
    SUM(CASE WHEN s.probability IS NULL THEN 1 ELSE 0 END) AS without_chance
FROM deal AS d
INNER JOIN credit AS c ON c.deal_id = d.id AND c.is_overlay = FALSE
LEFT JOIN stage AS s ON s.id = d.stage_id
WHERE d.meaning = 'open' AND c.rep_id IS NOT NULL
GROUP BY c.rep_id
ORDER BY c.rep_id
