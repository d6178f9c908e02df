-- definition: Accounts known at the as-of that lack a segment, a territory in force on a day, or headcount and
--   revenue: the rows behind `planning.readiness`, by name, the first 500.
-- unit: one row per account
-- owner: sales operations
SELECT a.id, a.name, a.owner_id
FROM account AS a
LEFT JOIN (
    SELECT DISTINCT p.account_id
    FROM territory_account AS p
    INNER JOIN territory AS t ON t.id = p.territory_id
    WHERE p.effective_from <= :first_day
        AND COALESCE(p.effective_to, DATE '9999-12-31') >= :first_day
        AND t.effective_from <= :first_day
        AND COALESCE(t.effective_to, DATE '9999-12-31') >= :first_day
) AS h ON h.account_id = a.id
WHERE (:cut = 'segment' AND COALESCE(a.segment, '') = '')
    OR (:cut = 'territory' AND h.account_id IS NULL)
    OR (:cut = 'size' AND a.headcount IS NULL AND a.annual_revenue IS NULL)
ORDER BY a.name, a.id
LIMIT 500
