-- definition: Deals of a period by who is credited: won with a close date in it up to the as-of, open with an
--   expected close in it. A won deal counts in the team where the credited rep sat when it closed, an open
--   one where the rep sits at the as-of, that of a leaver in the last team. The category of an open deal is
--   its own, else its stage's; one that says «closed» counts as commit, one without a known category as
--   pipeline. Overlay credit plays no part.
-- unit: one row per deal and credited rep; value in minor units of the company's currency, share in basis points
-- owner: sales operations
WITH due AS (
    SELECT
        d.id,
        d.name,
        d.meaning,
        CASE
            WHEN d.meaning = 'open' AND d.category = 'closed' THEN 'commit'
            WHEN d.category IN ('closed', 'commit', 'most_likely', 'best_case', 'pipeline', 'omitted') THEN d.category
            ELSE 'pipeline'
        END AS category,
        d.close_date,
        d.stage_name,
        d.value,
        d.is_rate_missing,
        c.rep_id,
        CAST(ROUND(c.share * 10000) AS BIGINT) AS share,
        CASE WHEN d.meaning = 'won' THEN d.close_date ELSE :as_of_day END AS seat_day
    FROM deal AS d
    INNER JOIN credit AS c ON c.deal_id = d.id AND c.is_overlay = FALSE
    WHERE d.meaning IN ('open', 'won')
        AND d.close_date >= :starts
        AND d.close_date <= CASE WHEN d.meaning = 'open' OR :as_of_day > :ends THEN :ends ELSE :as_of_day END
),

asked AS (
    SELECT DISTINCT rep_id, seat_day FROM due
),

seated AS (
    SELECT held.rep_id, held.seat_day, held.team_id, held.is_current
    FROM (
        SELECT
            w.rep_id,
            w.seat_day,
            a.team_id,
            COALESCE(a.effective_to, DATE '9999-12-31') >= w.seat_day
                AND COALESCE(r.hire_date, DATE '1900-01-01') <= w.seat_day
                AND COALESCE(r.leave_date, DATE '9999-12-31') >= w.seat_day AS is_current,
            -- of several assignments in force the one with the most time, then the latest; else the last
            ROW_NUMBER() OVER (
                PARTITION BY w.rep_id, w.seat_day
                ORDER BY
                    CASE WHEN COALESCE(a.effective_to, DATE '9999-12-31') >= w.seat_day THEN 0 ELSE 1 END,
                    CASE WHEN COALESCE(a.effective_to, DATE '9999-12-31') >= w.seat_day THEN 0.0 - COALESCE(a.fte, 1.0) ELSE 0.0 END,
                    a.effective_from DESC,
                    a.id
            ) AS place
        FROM asked AS w
        INNER JOIN rep AS r ON r.id = w.rep_id
        INNER JOIN assignment AS a
            ON a.rep_id = w.rep_id AND COALESCE(a.effective_from, DATE '1900-01-01') <= w.seat_day
    ) AS held
    WHERE held.place = 1
)

SELECT
    u.id,
    u.name,
    u.meaning,
    u.category,
    u.close_date,
    u.stage_name,
    u.value,
    u.is_rate_missing,
    u.rep_id,
    u.share,
    CASE WHEN u.meaning <> 'won' OR s.is_current THEN s.team_id END AS team_id
FROM due AS u
LEFT JOIN seated AS s ON s.rep_id = u.rep_id AND s.seat_day = u.seat_day
