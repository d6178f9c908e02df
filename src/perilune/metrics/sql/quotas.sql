-- definition: The quotas in force at the as-of that touch the days from :oldest to the end of the period, of
--   reps, teams and the company, at the budget rate of their first day; without a rate there is no amount.
-- unit: minor units of the company's currency
-- owner: sales operations
SELECT q.rep_id, q.team_id, q.starts, q.ends, q.amount, q.level, q.is_rate_missing
FROM quota_in_force AS q
WHERE q.starts <= :ends AND q.ends >= :oldest
