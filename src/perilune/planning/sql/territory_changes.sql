-- definition: Days on which accounts in owners' territories come to a rep who did not hold them on the eve, and
--   whether that is a change of territory: at least a share of the accounts held on the eve is gone and at
--   least that share of those held from then on is new. Before an account is in a territory, it is held by its
--   owner as known on the eve; a first list, after none, is no change.
-- unit: one row per rep and day; accounts
-- owner: sales operations
WITH member AS (
    SELECT
        p.account_id,
        s.rep_id,
        GREATEST(p.effective_from, s.effective_from, t.effective_from) AS since,
        LEAST(
            COALESCE(p.effective_to, DATE '9999-12-30'),
            COALESCE(s.effective_to, DATE '9999-12-30'),
            COALESCE(t.effective_to, DATE '9999-12-30')
        ) AS until
    FROM territory_account AS p
    INNER JOIN territory AS t ON t.id = p.territory_id AND COALESCE(t.layer, '') = ''
    INNER JOIN territory_seat AS s ON s.territory_id = t.id AND COALESCE(s.role, 'owner') = 'owner'
    WHERE p.effective_from IS NOT NULL AND s.effective_from IS NOT NULL AND t.effective_from IS NOT NULL
),
first_day AS (
    SELECT m.account_id, MIN(m.since) AS since
    FROM member AS m
    WHERE m.since <= m.until
    GROUP BY m.account_id
),
held AS (
    SELECT m.account_id, m.rep_id, m.since, m.until
    FROM member AS m
    WHERE m.since <= m.until
    UNION ALL
    -- 15 hours before the day (UTC) it has begun in no time zone: what the plan itself writes comes after
    SELECT f.account_id, v.owner_id, DATE '0001-01-01', CAST(f.since - INTERVAL '1' DAY AS DATE)
    FROM first_day AS f
    INNER JOIN account_version AS v
        ON v.id = f.account_id
        AND v.valid_from <= CAST(f.since AS TIMESTAMP) - INTERVAL '15' HOUR
        AND v.valid_to > CAST(f.since AS TIMESTAMP) - INTERVAL '15' HOUR
    WHERE v.owner_id IS NOT NULL
),
fresh AS (
    SELECT h.rep_id, h.since AS day, COUNT(DISTINCT h.account_id) AS accounts
    FROM held AS h
    WHERE h.since > DATE '0001-01-01'
        AND NOT EXISTS (
            SELECT 1
            FROM held AS e
            WHERE e.account_id = h.account_id
                AND e.rep_id = h.rep_id
                AND e.since < h.since
                AND e.until >= CAST(h.since - INTERVAL '1' DAY AS DATE)
        )
    GROUP BY h.rep_id, h.since
),
counted AS (
    SELECT
        f.rep_id,
        f.day,
        f.accounts AS fresh,
        COUNT(DISTINCT CASE WHEN h.since <= f.day AND h.until >= f.day THEN h.account_id END) AS held,
        COUNT(
            DISTINCT CASE WHEN h.since < f.day AND h.until >= CAST(f.day - INTERVAL '1' DAY AS DATE) THEN h.account_id END
        ) AS before
    FROM fresh AS f
    INNER JOIN held AS h ON h.rep_id = f.rep_id
    GROUP BY f.rep_id, f.day, f.accounts
)
SELECT
    c.rep_id,
    c.day,
    c.fresh,
    c.held,
    c.before,
    (
        c.before > 0
        AND c.fresh >= :replaced * c.held
        AND c.before - (c.held - c.fresh) >= :replaced * c.before
    ) AS is_change
FROM counted AS c
ORDER BY c.rep_id, c.day
