-- definition: The sums behind most measures, in one pass over the deals as known at the as-of: won and lost
--   by the window in which they closed, all by the window in which they were created, and open ones, by
--   unit. The windows are the period (now), the one before it (previous) and that of a year ago (year).
--   Deals without a value (no amount, or no rate for their currency) are counted apart, never as zero.
--   Of deals created in an earlier window those that closed after it was as old as this one is now count as
--   open: cohorts are compared at the same age.
-- unit: counts, minor units of the company's currency
-- owner: sales operations
SELECT
    d.unit,
    d.closed_in,
    d.created_in,
    COUNT(DISTINCT d.rep_id) AS people,
    COUNT(CASE WHEN d.is_won THEN 1 END) AS won_count,
    SUM(CASE WHEN d.is_won THEN d.credited END) AS won_amount,
    SUM(CASE WHEN d.is_won THEN d.credited * d.credited END) AS won_squares,
    COUNT(CASE WHEN d.is_won AND d.credited IS NULL THEN 1 END) AS won_uncounted,
    COUNT(CASE WHEN d.is_lost THEN 1 END) AS lost_count,
    SUM(CASE WHEN d.is_lost THEN d.credited END) AS lost_amount,
    SUM(CASE WHEN d.is_lost THEN d.credited * d.credited END) AS lost_squares,
    COUNT(CASE WHEN d.is_lost AND d.credited IS NULL THEN 1 END) AS lost_uncounted,
    COUNT(CASE WHEN d.is_lost AND d.is_no_deal THEN 1 END) AS no_deal_count,
    COUNT(CASE WHEN d.is_lost AND d.is_unqualified AND NOT d.is_no_deal THEN 1 END) AS unqualified_count,
    COUNT(CASE WHEN d.is_open THEN 1 END) AS open_count,
    SUM(CASE WHEN d.is_open THEN d.credited END) AS open_value,
    SUM(CASE WHEN d.is_open THEN d.credited * d.credited END) AS open_squares,
    COUNT(CASE WHEN d.is_open AND d.credited IS NULL THEN 1 END) AS open_uncounted,
    COUNT(CASE WHEN d.is_open AND d.is_rate_missing THEN 1 END) AS rates_missing,
    COUNT(CASE WHEN d.is_open AND d.created_date IS NULL THEN 1 END) AS uncreated_count,
    COUNT(CASE WHEN d.is_open AND d.close_date IS NULL THEN 1 END) AS undated_count,
    COUNT(CASE WHEN d.is_due THEN 1 END) AS due_count,
    SUM(CASE WHEN d.is_due THEN d.credited END) AS due_value,
    SUM(CASE WHEN d.is_due THEN d.credited * d.credited END) AS due_squares,
    COUNT(CASE WHEN d.is_live THEN 1 END) AS live_count,
    COUNT(CASE WHEN d.meaning = 'won' AND d.is_in_time THEN 1 END) AS ever_won,
    COUNT(CASE WHEN d.meaning = 'open' OR NOT d.is_in_time THEN 1 END) AS still_open,
    COUNT(*) AS deals
FROM (
    SELECT
        u.unit,
        u.closed_in,
        u.created_in,
        u.rep_id,
        u.meaning,
        CAST(u.value * u.share AS DOUBLE) AS credited,
        u.is_rate_missing,
        u.created_date,
        u.close_date,
        u.meaning = 'won' AND u.closed_in <> '' AS is_won,
        u.meaning = 'lost' AND u.closed_in <> '' AS is_lost,
        u.meaning = 'open' AND u.category <> 'omitted' AS is_open,
        u.meaning = 'open' AND u.category <> 'omitted'
            AND u.close_date >= :starts AND u.close_date <= :ends AS is_due,
        u.meaning = 'open' AND u.category <> 'omitted'
            AND (u.close_date IS NULL OR u.close_date >= :as_of_day)
            AND u.valid_from >= :as_of - INTERVAL '90' DAY AS is_live,
        COALESCE(LOWER(u.loss_reason) IN (:no_deal), FALSE) AS is_no_deal,
        q.id IS NOT NULL AS is_unqualified,
        COALESCE(
            u.closed_date <= CASE u.created_in
                WHEN 'previous' THEN :previous_aged WHEN 'year' THEN :year_aged
            END,
            TRUE
        ) AS is_in_time
    FROM (
        SELECT
            w.*,
            CASE
                WHEN w.closed_date >= :starts AND w.closed_date <= :until THEN 'now'
                WHEN w.closed_date >= :previous_starts AND w.closed_date <= :previous_until THEN 'previous'
                WHEN w.closed_date >= :year_starts AND w.closed_date <= :year_until THEN 'year'
                ELSE ''
            END AS closed_in,
            CASE
                WHEN w.created_date >= :cohort_from AND w.created_date <= :cohort_to THEN 'now'
                WHEN w.created_date >= :previous_starts AND w.created_date <= :previous_until THEN 'previous'
                WHEN w.created_date >= :year_starts AND w.created_date <= :year_until THEN 'year'
                ELSE ''
            END AS created_in
        FROM unit_deal AS w
    ) AS u
    LEFT JOIN lost_unqualified AS q ON q.id = u.id
    WHERE u.meaning = 'open' OR u.closed_in <> '' OR u.created_in <> ''
) AS d
GROUP BY d.unit, d.closed_in, d.created_in
