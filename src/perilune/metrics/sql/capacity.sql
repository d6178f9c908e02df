-- definition: The people behind a unit in the part of each window (the period, the one before, that of a year
--   ago) that has passed: reps listed, those whose hire date is known, their FTE-days and working hours
--   (absence deducted), the days they were at work and those of them with any recorded activity, and the
--   minutes of customer activity. Calls, meetings and messages with a customer count; voicemail, call
--   notes, data entry and internal meetings do not. By segment or industry there is none of this: a rep
--   sells to several. Managers are not counted. Where :is_cut says so, only :reps and those of :teams and
--   the teams below are here.
-- unit: reps, FTE-days, hours, days, minutes
-- owner: sales operations
WITH inside AS (
    SELECT DISTINCT t.team_id
    FROM team_path AS t
    WHERE t.ancestor_id IN (:teams)
),

worked AS (
    SELECT
        r.day,
        r.rep_id,
        r.fte,
        r.hired,
        d.is_workday,
        COALESCE(p.weekly_hours / NULLIF(p.fte, 0.0), 35.0) / 5.0 AS daily_hours,
        CASE
            WHEN r.day >= :starts AND r.day <= :until THEN 'now'
            WHEN r.day >= :previous_starts AND r.day <= :previous_until THEN 'previous'
            ELSE 'year'
        END AS day_in,
        CASE
            WHEN :by = 'total' THEN 'total'
            WHEN :by = 'rep' THEN CAST(r.rep_id AS VARCHAR)
            WHEN :by = 'team' THEN CAST(t.ancestor_id AS VARCHAR)
            WHEN :by = 'region' THEN CAST(r.region_id AS VARCHAR)
        END AS unit
    FROM rep_day AS r
    INNER JOIN day AS d ON d.day = r.day
    LEFT JOIN seat AS p ON p.rep_id = r.rep_id AND p.first_day <= r.day AND p.last_day >= r.day
    LEFT JOIN team_path AS t ON :by = 'team' AND t.team_id = r.team_id
    LEFT JOIN inside AS i ON i.team_id = r.team_id
    WHERE (NOT :is_cut OR i.team_id IS NOT NULL OR r.rep_id IN (:reps))
        AND r.day >= :oldest
        AND r.day <= :until
        AND (
            r.day >= :starts
            OR (r.day >= :previous_starts AND r.day <= :previous_until)
            OR (r.day >= :year_starts AND r.day <= :year_until)
        )
        AND COALESCE(p.role, 'seller') <> 'manager'
        AND :by IN ('total', 'rep', 'team', 'region')
),

logged AS (
    SELECT
        a.owner_id,
        CAST(a.starts_at AS DATE) AS day,
        SUM(
            CASE
                WHEN COALESCE(
                    a.is_selling,
                    a.type IN ('call', 'meeting', 'email')
                    AND (
                        a.account_id IS NOT NULL OR a.contact_id IS NOT NULL
                        OR a.opportunity_id IS NOT NULL OR a.lead_id IS NOT NULL
                    )
                    AND LOWER(COALESCE(a.outcome, '')) NOT IN ('voicemail', 'no answer', 'messagerie')
                ) THEN a.minutes
            END
        ) AS minutes
    FROM activity AS a
    WHERE CAST(a.starts_at AS DATE) >= :oldest
        AND CAST(a.starts_at AS DATE) <= :until
        AND COALESCE(a.is_done, TRUE) = TRUE
    GROUP BY a.owner_id, CAST(a.starts_at AS DATE)
)

SELECT
    w.unit,
    w.day_in,
    COUNT(DISTINCT w.rep_id) AS listed,
    COUNT(DISTINCT CASE WHEN w.hired THEN w.rep_id END) AS hired,
    SUM(w.fte) AS fte_days,
    SUM(CASE WHEN w.is_workday THEN w.fte * w.daily_hours END) AS hours,
    COUNT(CASE WHEN w.is_workday AND w.fte > 0 THEN 1 END) AS work_days,
    COUNT(CASE WHEN w.is_workday AND w.fte > 0 THEN l.day END) AS logged_days,
    SUM(CASE WHEN w.is_workday AND w.fte > 0 THEN l.minutes END) AS minutes
FROM worked AS w
LEFT JOIN logged AS l ON l.owner_id = w.rep_id AND l.day = w.day
GROUP BY w.unit, w.day_in
