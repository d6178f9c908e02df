-- definition: Deals that closed between two days by rep and by the segment of their account: how many, won and
--   lost, with the rep's share of each, and what the won ones brought at the budget rate of the day they
--   closed. Overlay credit stands apart; an account without a segment is '-'.
-- unit: deals; minor units of the company's currency
-- owner: sales operations
SELECT
    c.rep_id,
    COALESCE(NULLIF(a.segment, ''), '-') AS segment,
    SUM(c.share) AS closed,
    CAST(
        ROUND(SUM(CASE WHEN d.meaning = 'won' THEN CAST(COALESCE(d.value, 0) * c.share AS DOUBLE) ELSE 0.0 END))
        AS BIGINT
    ) AS booked
FROM deal AS d
INNER JOIN credit AS c ON c.deal_id = d.id AND c.is_overlay = FALSE
LEFT JOIN account AS a ON a.id = d.account_id
WHERE d.meaning IN ('won', 'lost') AND d.closed_date >= :starts AND d.closed_date <= :ends
GROUP BY c.rep_id, COALESCE(NULLIF(a.segment, ''), '-')
ORDER BY c.rep_id, COALESCE(NULLIF(a.segment, ''), '-')
