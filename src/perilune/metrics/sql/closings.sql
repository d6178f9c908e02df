-- definition: Of the deals closed in each window (the period, the one before, that of a year ago), by unit:
--   the reps who closed any, those won that were created in the same window, and the days to the win,
--   from creation and from the first contact. First contact is the earliest of the first two-way activity
--   on the deal (a meeting that took place, a call or message that came in, a call that was answered),
--   the recorded first contact and the creation of the lead that became the deal.
-- unit: counts, days
-- owner: sales operations
WITH closings AS (
    SELECT
        u.id,
        u.unit,
        u.rep_id,
        u.meaning,
        u.created_date,
        u.closed_date,
        u.first_contact_date,
        CASE
            WHEN u.closed_date >= :starts AND u.closed_date <= :until THEN 'now'
            WHEN u.closed_date >= :previous_starts AND u.closed_date <= :previous_until THEN 'previous'
            ELSE 'year'
        END AS closed_in,
        CASE
            WHEN u.closed_date >= :starts AND u.closed_date <= :until THEN u.created_date >= :starts
            WHEN u.closed_date >= :previous_starts AND u.closed_date <= :previous_until
                THEN u.created_date >= :previous_starts
            ELSE u.created_date >= :year_starts
        END AS is_quick
    FROM unit_deal AS u
    WHERE (u.closed_date >= :starts AND u.closed_date <= :until)
        OR (u.closed_date >= :previous_starts AND u.closed_date <= :previous_until)
        OR (u.closed_date >= :year_starts AND u.closed_date <= :year_until)
),

timed AS (
    SELECT
        c.unit,
        c.closed_in,
        c.rep_id,
        c.meaning = 'won' AS is_won,
        c.meaning = 'won' AND c.is_quick AS is_quick,
        CASE
            WHEN c.meaning = 'won' THEN CAST(DATE_DIFF('day', c.created_date, c.closed_date) AS DOUBLE)
        END AS days,
        CASE
            WHEN c.meaning = 'won' AND t.day IS NULL
                THEN CAST(DATE_DIFF('day', c.first_contact_date, c.closed_date) AS DOUBLE)
            WHEN c.meaning = 'won'
                THEN CAST(
                    DATE_DIFF('day', LEAST(t.day, COALESCE(c.first_contact_date, t.day)), c.closed_date) AS DOUBLE
                )
        END AS contact_days
    FROM closings AS c
    LEFT JOIN first_touch AS t ON t.id = c.id AND t.day <= c.closed_date
)

SELECT
    d.unit,
    d.closed_in,
    COUNT(DISTINCT d.rep_id) AS active_reps,
    COUNT(CASE WHEN d.is_won THEN 1 END) AS won_count,
    COUNT(CASE WHEN d.is_quick THEN 1 END) AS quick_count,
    COUNT(d.days) AS cycle_count,
    AVG(d.days) AS cycle_mean,
    STDDEV_SAMP(d.days) AS cycle_deviation,
    QUANTILE_CONT(d.days, 0.5) AS cycle_median,
    COUNT(d.contact_days) AS contact_count,
    AVG(d.contact_days) AS contact_mean,
    STDDEV_SAMP(d.contact_days) AS contact_deviation
FROM timed AS d
GROUP BY d.unit, d.closed_in
