-- definition: When the calls of a period are due and until when they are taken.
-- unit: one row per record, the latest first
-- owner: sales leadership
SELECT d.id, d.due_on, d.every_days, d.locks_on
FROM deadline AS d
WHERE d.period_start = :starts AND d.period_end = :ends
ORDER BY d.id DESC
