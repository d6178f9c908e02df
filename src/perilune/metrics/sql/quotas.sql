-- definition: The quotas in force at the as-of that touch the days from :oldest to the end of the period, of reps, teams and the company.
-- unit: minor units of the quota's currency
-- owner: sales operations
SELECT q.rep_id, q.team_id, q.starts, q.ends, q.amount, q.level
FROM quota_in_force AS q
WHERE q.starts <= :ends AND q.ends >= :oldest AND q.currency = :currency
