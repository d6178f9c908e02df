-- definition: The credited reps of split deals at the as-of, without overlay credit.
-- unit: share in basis points
-- owner: sales operations
SELECT s.opportunity_id AS deal_id, s.rep_id, SUM(s.share) AS share
FROM opportunity_split AS s
WHERE COALESCE(s.is_overlay, FALSE) = FALSE
GROUP BY s.opportunity_id, s.rep_id
HAVING SUM(s.share) > 0
ORDER BY s.opportunity_id, s.rep_id
