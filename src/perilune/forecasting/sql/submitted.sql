-- definition: Submitted forecasts of one period, latest first: who said what when.
-- unit: minor units of the submission's currency
-- owner: sales leadership
SELECT s.id, s.rep_id, s.team_id, s.made_on, s.category, s.amount, s.currency, s.author,
    s.suggested, s.due_on, s.is_late, s.valid_from AS known_at
FROM submission AS s
WHERE s.period_start = :starts AND s.period_end = :ends
ORDER BY s.made_on DESC, s.id DESC
