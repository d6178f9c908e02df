-- definition: What the open deals sell (:cut product), or to whom (:cut segment), as known at the as-of.
-- unit: one row per open deal and part
-- owner: sales operations
SELECT d.id AS deal_id, p.part_id, p.share
FROM open_deal AS d
INNER JOIN deal_part AS p ON p.deal_id = d.id AND p.cut = :cut
ORDER BY d.id, p.part_id
