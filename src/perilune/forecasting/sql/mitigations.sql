-- definition: What is done about risks, as known at the as-of, latest first: of deals, and of the portfolio.
-- unit: one row per mitigation
-- owner: sales management
SELECT
    m.id,
    m.opportunity_id,
    m.risk,
    m.subject,
    m.period,
    m.owner,
    m.due_date,
    m.status,
    m.snoozed_until,
    m.reason,
    m.outcome,
    m.opened_on,
    m.closed_on,
    d.name AS deal_name,
    c.name AS account,
    d.meaning,
    d.value
FROM mitigation AS m
LEFT JOIN deal AS d ON d.id = m.opportunity_id
LEFT JOIN account AS c ON c.id = d.account_id
ORDER BY m.id DESC
