-- definition: Every team with itself (depth 0) and its ancestors, up to four levels above.
-- unit: one row per team and ancestor
-- owner: sales operations
SELECT t.id AS team_id, t.id AS ancestor_id, 0 AS depth
FROM team AS t
UNION ALL
SELECT t.id, p1.id, 1
FROM team AS t
JOIN team AS p1 ON p1.id = t.parent_id
UNION ALL
SELECT t.id, p2.id, 2
FROM team AS t
JOIN team AS p1 ON p1.id = t.parent_id
JOIN team AS p2 ON p2.id = p1.parent_id
UNION ALL
SELECT t.id, p3.id, 3
FROM team AS t
JOIN team AS p1 ON p1.id = t.parent_id
JOIN team AS p2 ON p2.id = p1.parent_id
JOIN team AS p3 ON p3.id = p2.parent_id
UNION ALL
SELECT t.id, p4.id, 4
FROM team AS t
JOIN team AS p1 ON p1.id = t.parent_id
JOIN team AS p2 ON p2.id = p1.parent_id
JOIN team AS p3 ON p3.id = p2.parent_id
JOIN team AS p4 ON p4.id = p3.parent_id
