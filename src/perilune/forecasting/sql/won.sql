-- definition: Won deals with a close date up to the as-of, credited to the reps of their splits, else to the
--   one who held the deal when it closed, in the company's currency by the budget rate of the close date;
--   each counts from the day on which it was known. Overlay credit and deals that the company leaves out
--   of all figures play no part.
-- reading: One row per seat (rep, team of the close, its region; -1: none), day of the close and days of knowledge. Days are numbered from the first day of
--   data; a sum counts for who asks at the end of a day from known_from until the day before known_to (-1:
--   still known). The local day of an instant is read with the smallest and the largest offset of the
--   company's zone (low, high); where they differ the reader knows which one was in force.
-- unit: minor units of the company's currency times 10,000 (shares are basis points)
-- owner: sales operations
WITH dated AS (
    SELECT
        w.rep_id,
        w.close_date,
        DATEDIFF('day', :first_day, w.close_date) AS day,
        DATEDIFF('day', :first_day, CAST(w.valid_from + INTERVAL '1' SECOND * :low AS DATE)) AS from_low,
        DATEDIFF('day', :first_day, CAST(w.valid_from + INTERVAL '1' SECOND * :high AS DATE)) AS from_high,
        CASE WHEN w.valid_to < TIMESTAMP '9999-01-01 00:00:00'
            THEN DATEDIFF('day', :first_day, CAST(w.valid_to + INTERVAL '1' SECOND * :low AS DATE))
        ELSE -1 END AS to_low,
        CASE WHEN w.valid_to < TIMESTAMP '9999-01-01 00:00:00'
            THEN DATEDIFF('day', :first_day, CAST(w.valid_to + INTERVAL '1' SECOND * :high AS DATE))
        ELSE -1 END AS to_high,
        w.amount,
        w.share
    FROM credited_win AS w
),

summed AS (
    SELECT
        d.rep_id,
        d.close_date,
        d.day,
        -- what was known before the close counts from the close on
        GREATEST(d.from_low, d.day) AS from_low,
        GREATEST(d.from_high, d.day) AS from_high,
        d.to_low,
        d.to_high,
        SUM(d.amount * d.share) AS credit,
        SUM(CASE WHEN d.amount IS NULL THEN 0 ELSE d.share END) AS shares,
        SUM(CASE WHEN d.amount IS NULL AND d.to_low = -1 THEN d.share ELSE 0 END) AS missing
    FROM dated AS d
    WHERE d.to_high = -1 OR d.to_high > d.day
    GROUP BY
        d.rep_id, d.close_date, d.day, GREATEST(d.from_low, d.day), GREATEST(d.from_high, d.day),
        d.to_low, d.to_high
),

closings AS (
    SELECT DISTINCT rep_id, close_date FROM summed
),

seated AS (
    SELECT held.rep_id, held.close_date, held.team_id, g.region_id
    FROM (
        SELECT
            w.rep_id,
            w.close_date,
            a.team_id,
            -- of several assignments in force the one with the most time, then the latest
            ROW_NUMBER() OVER (
                PARTITION BY w.rep_id, w.close_date
                ORDER BY COALESCE(a.fte, 1.0) DESC, a.effective_from DESC, a.id
            ) AS place
        FROM closings AS w
        INNER JOIN rep AS r
            ON r.id = w.rep_id
            AND w.close_date >= COALESCE(r.hire_date, DATE '1900-01-01')
            AND w.close_date <= COALESCE(r.leave_date, DATE '9999-12-31')
        INNER JOIN assignment AS a
            ON a.rep_id = r.id
            AND w.close_date >= COALESCE(a.effective_from, DATE '1900-01-01')
            AND w.close_date <= COALESCE(a.effective_to, DATE '9999-12-31')
    ) AS held
    LEFT JOIN team_region AS g ON g.team_id = held.team_id
    WHERE held.place = 1
),

placed AS (
    SELECT
        COALESCE(s.rep_id, -1) AS rep_id,
        COALESCE(p.team_id, -1) AS team_id,
        COALESCE(p.region_id, -1) AS region_id,
        s.day,
        s.from_low,
        s.from_high,
        s.to_low,
        s.to_high,
        s.credit,
        s.shares,
        s.missing
    FROM summed AS s
    LEFT JOIN seated AS p ON p.rep_id = s.rep_id AND p.close_date = s.close_date
)

SELECT
    p.rep_id,
    p.team_id,
    p.region_id,
    p.day,
    p.from_low,
    p.from_high,
    p.to_low,
    p.to_high,
    CAST(SUM(p.credit) AS DOUBLE) AS credit,
    CAST(SUM(p.shares) AS BIGINT) AS shares,
    CAST(SUM(p.missing) AS BIGINT) AS missing
FROM placed AS p
GROUP BY
    p.rep_id, p.team_id, p.region_id, p.day, p.from_low, p.from_high, p.to_low, p.to_high
ORDER BY
    p.rep_id, p.team_id, p.region_id, p.day, p.from_low, p.from_high, p.to_low, p.to_high
