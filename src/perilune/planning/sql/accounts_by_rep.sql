-- definition: How many accounts each rep holds as known at the as-of: the denominator of bookings per account
--   and of the diminishing returns of a rep's list.
-- unit: accounts
-- owner: sales operations
SELECT a.owner_id AS rep_id, COUNT(*) AS accounts
FROM account AS a
WHERE a.owner_id IS NOT NULL
GROUP BY a.owner_id
ORDER BY a.owner_id
