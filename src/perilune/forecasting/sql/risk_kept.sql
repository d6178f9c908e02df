-- definition: What this company records at all: two-way activity of any deal, two contact roles of one deal.
-- unit: yes or no
-- owner: sales operations
SELECT
    (SELECT COUNT(*) FROM (SELECT w.id FROM touch AS w WHERE w.is_two_way AND w.starts_at <= :as_of LIMIT 1) AS one) > 0
        AS keeps_two_way,
    (
        SELECT COUNT(*)
        FROM (
            SELECT r.opportunity_id
            FROM opportunity_contact AS r
            GROUP BY r.opportunity_id
            HAVING COUNT(DISTINCT r.contact_id) > 1
            LIMIT 1
        ) AS two
    ) > 0 AS keeps_roles
