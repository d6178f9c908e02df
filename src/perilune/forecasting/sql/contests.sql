-- definition: Probabilities that reps contested in a period: of which deal, what was shown, what they say and why.
-- unit: ratios from 0 to 1
-- owner: sales leadership
SELECT c.id, c.opportunity_id, d.name, c.rep_id, c.made_on, c.shown, c.method, c.says, c.reason, c.author,
    COALESCE(d.meaning, '') AS meaning, d.close_date
FROM contest AS c
LEFT JOIN deal AS d ON d.id = c.opportunity_id
WHERE c.period_start = :starts AND c.period_end = :ends
ORDER BY c.made_on DESC, c.id DESC
