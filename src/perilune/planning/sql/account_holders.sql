-- definition: Who holds the accounts between two days by the owners' territories, as known at the as-of, moves to
--   come too. An account in no territory on a day is held by its owner; one whose territory has nobody in its
--   seat by nobody.
-- unit: one row per account, territory and seat; both days included
-- owner: sales operations
SELECT
    p.account_id,
    COALESCE(s.rep_id, 0) AS rep_id,
    GREATEST(p.effective_from, t.effective_from, COALESCE(s.effective_from, p.effective_from)) AS since,
    LEAST(
        COALESCE(p.effective_to, DATE '9999-12-30'),
        COALESCE(t.effective_to, DATE '9999-12-30'),
        COALESCE(s.effective_to, DATE '9999-12-30')
    ) AS until
FROM territory_account AS p
INNER JOIN territory AS t ON t.id = p.territory_id AND COALESCE(t.layer, '') = ''
LEFT JOIN territory_seat AS s
    ON s.territory_id = t.id
    AND COALESCE(s.role, 'owner') = 'owner'
    AND s.effective_from <= :ends
    AND COALESCE(s.effective_to, DATE '9999-12-30') >= :starts
WHERE p.effective_from <= :ends
    AND COALESCE(p.effective_to, DATE '9999-12-30') >= :starts
    AND t.effective_from <= :ends
    AND COALESCE(t.effective_to, DATE '9999-12-30') >= :starts
ORDER BY p.account_id, since, rep_id
