-- definition: Accounts known at the as-of, and how many of them lack what a plan stands on: a
--   segment, a territory in force on a day, headcount and revenue (of which potential is estimated).
-- unit: one row; counts of accounts
-- owner: sales operations
SELECT
    COUNT(*) AS accounts,
    COALESCE(SUM(CASE WHEN COALESCE(a.segment, '') = '' THEN 1 ELSE 0 END), 0) AS segment,
    COALESCE(SUM(CASE WHEN h.account_id IS NULL THEN 1 ELSE 0 END), 0) AS territory,
    COALESCE(
        SUM(CASE WHEN a.headcount IS NULL AND a.annual_revenue IS NULL THEN 1 ELSE 0 END), 0
    ) AS size
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
