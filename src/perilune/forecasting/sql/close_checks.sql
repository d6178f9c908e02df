-- definition: What stands against freezing a period: open deals due by its end, and deals won in it without an
--   amount, without a rate for their currency, without an owner.
-- unit: deals
-- owner: finance
SELECT
    CAST(COALESCE(SUM(CASE WHEN d.meaning = 'open' AND d.close_date <= :ends THEN 1 ELSE 0 END), 0) AS BIGINT)
        AS overdue,
    CAST(COALESCE(SUM(CASE WHEN d.meaning = 'won' AND d.close_date >= :starts AND d.close_date <= :ends
        AND d.amount IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS without_amount,
    CAST(COALESCE(SUM(CASE WHEN d.meaning = 'won' AND d.close_date >= :starts AND d.close_date <= :ends
        AND d.is_rate_missing THEN 1 ELSE 0 END), 0) AS BIGINT) AS without_rate,
    CAST(COALESCE(SUM(CASE WHEN d.meaning = 'won' AND d.close_date >= :starts AND d.close_date <= :ends
        AND d.owner_id IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS without_owner
FROM deal AS d
