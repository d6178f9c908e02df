-- definition: What is missing in the records: deals without an account, owner, known stage, creation date;
--   open ones without a close date, amount, product or rate, and overdue ones; accounts without an owner.
-- unit: counts of deals
-- owner: sales operations
SELECT
    COUNT(*) AS deals,
    COUNT(CASE WHEN d.meaning = 'open' THEN 1 END) AS open_deals,
    COUNT(CASE WHEN d.created_date IS NULL THEN 1 END) AS without_created,
    COUNT(CASE WHEN d.account_id IS NULL THEN 1 END) AS without_account,
    COUNT(CASE WHEN d.owner_id IS NULL THEN 1 END) AS without_owner,
    COUNT(CASE WHEN d.stage_name IS NULL THEN 1 END) AS without_stage,
    COUNT(CASE WHEN d.meaning = 'won' AND d.amount IS NULL THEN 1 END) AS won_without_amount,
    COUNT(CASE WHEN d.meaning = 'open' AND d.close_date IS NULL THEN 1 END) AS open_without_date,
    COUNT(CASE WHEN d.meaning = 'open' AND d.amount IS NULL THEN 1 END) AS open_without_amount,
    COUNT(CASE WHEN d.is_rate_missing THEN 1 END) AS without_rate,
    COUNT(CASE WHEN d.meaning = 'open' AND d.close_date < :as_of_day THEN 1 END) AS overdue
FROM deal AS d
