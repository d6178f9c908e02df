-- definition: Overrides of one period: what an owner or a manager says beside the computed figure, and why.
-- unit: minor units of the override's currency
-- owner: sales leadership
SELECT
    a.id, a.rep_id, a.team_id, a.category, a.basis, a.level, a.amount, a.computed, a.currency, a.reason, a.made_on,
    a.author, a.author_rep_id
FROM adjustment AS a
WHERE a.period_start = :starts AND a.period_end = :ends
ORDER BY a.id
