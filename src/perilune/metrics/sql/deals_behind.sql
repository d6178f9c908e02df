-- definition: The deals behind a measure: won, lost or both in the period, those of both that count in the win
--   rate, won ones whose days are known, created in the window, open, open and due in the period, live, of one
--   unit of a cut or of all; and which of them :counts names: those in the numerator.
-- unit: one row per deal; minor units of the company's currency
-- owner: sales operations
WITH judged AS (
    SELECT
        u.id,
        u.meaning,
        u.category,
        u.rep_id,
        u.created_date,
        u.close_date,
        u.closed_date,
        u.valid_from,
        u.loss_reason,
        CAST(ROUND(u.value * u.share) AS BIGINT) AS value,
        u.closed_date >= :starts AND u.closed_date <= :until AS is_closed,
        COALESCE(LOWER(u.loss_reason) IN (:no_deal), FALSE) AS is_no_deal,
        q.id IS NOT NULL AS is_unqualified,
        u.first_contact_date IS NOT NULL OR f.id IS NOT NULL AS is_contacted
    FROM unit_deal AS u
    LEFT JOIN lost_unqualified AS q ON q.id = u.id
    LEFT JOIN first_touch AS f ON :rows = 'contacted' AND f.id = u.id AND f.day <= u.closed_date
    WHERE :any_unit OR COALESCE(u.unit, '') = :unit
),

chosen AS (
    SELECT
        j.*,
        COALESCE(
            CASE
                WHEN :counts = 'won' THEN j.meaning = 'won'
                WHEN :counts = 'no_deal' THEN j.meaning = 'lost' AND j.is_no_deal
                WHEN :counts = 'quick' THEN j.created_date >= :starts
                ELSE TRUE
            END,
            FALSE
        ) AS is_counted
    FROM judged AS j
    WHERE CASE
        WHEN :rows = 'won' THEN j.meaning = 'won' AND j.is_closed
        WHEN :rows = 'lost' THEN j.meaning = 'lost' AND j.is_closed
        WHEN :rows = 'closed' THEN j.is_closed
        WHEN :rows = 'decided' THEN j.is_closed
            AND (j.meaning = 'won' OR NOT (j.is_no_deal OR j.is_unqualified))
        WHEN :rows = 'timed' THEN j.meaning = 'won' AND j.is_closed AND j.created_date IS NOT NULL
        WHEN :rows = 'contacted' THEN j.meaning = 'won' AND j.is_closed AND j.is_contacted
        WHEN :rows = 'cohort' THEN j.created_date >= :cohort_from AND j.created_date <= :cohort_to
        WHEN :rows = 'open' THEN j.meaning = 'open' AND j.category <> 'omitted'
        WHEN :rows = 'live' THEN j.meaning = 'open' AND j.category <> 'omitted'
            AND (j.close_date IS NULL OR j.close_date >= :as_of_day)
            AND j.valid_from >= :as_of - INTERVAL '90' DAY
        ELSE j.meaning = 'open' AND j.category <> 'omitted'
            AND j.close_date >= :starts AND j.close_date <= :ends
    END
)

SELECT c.id, c.rep_id, c.created_date, c.close_date, c.loss_reason, c.is_counted, c.value
FROM chosen AS c
ORDER BY c.is_counted DESC, COALESCE(c.value, 0) DESC, c.id
