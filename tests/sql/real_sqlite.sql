SELECT 1
SELECT * FROM "order details" LIMIT 5
SELECT [order id], `name` FROM [orders]
SELECT strftime('%Y-%m', order_date) AS month, SUM(amount) FROM orders GROUP BY month
SELECT date('now', '-1 year', 'start of month'), datetime('now', 'localtime'), time('now'), julianday('now'), unixepoch(), strftime('%s', 'now')
SELECT CAST(strftime('%Y', d) AS INTEGER), CAST(a AS REAL), CAST(b AS TEXT), CAST(c AS NUMERIC), CAST(e AS BLOB) FROM t
SELECT a || '-' || b AS ab, length(c), substr(d, 1, 3), instr(e, 'x'), upper(f), lower(g), trim(h), replace(i, 'a', 'b'), printf('%.2f', j), format('%05d', k), quote(l), hex(m), unicode(n), char(65) FROM t
SELECT iif(a > 1, 'x', 'y'), ifnull(a, 0), coalesce(a, b), nullif(a, b), max(a, b), min(a, b), abs(a), round(a, 2), random(), typeof(a), total(b) FROM t
SELECT group_concat(name, ', '), group_concat(DISTINCT region), string_agg(name, ';') FROM customers
SELECT count(*) FILTER (WHERE status = 'paid') AS paid FROM orders
SELECT json_extract(doc, '$.a'), doc -> '$.b', doc ->> '$.c', json_array_length(doc), json_valid(doc) FROM docs
SELECT j.value FROM docs, json_each(docs.doc, '$.items') AS j
SELECT t.key, t.value, t.type FROM docs d, json_tree(d.doc) t WHERE t.type = 'integer'
SELECT json_group_array(name), json_group_object(id, name), json_object('a', 1), json_array(1, 2) FROM t
WITH RECURSIVE cnt(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM cnt WHERE x < 100) SELECT x FROM cnt
WITH RECURSIVE cnt(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM cnt LIMIT 100) SELECT x FROM cnt
WITH RECURSIVE tree(id, name, depth) AS (SELECT id, name, 0 FROM dept WHERE parent IS NULL UNION ALL SELECT d.id, d.name, t.depth + 1 FROM dept d JOIN tree t ON d.parent = t.id) SELECT substr('          ', 1, depth * 2) || name FROM tree
WITH RECURSIVE dates(d) AS (VALUES(date('now', '-30 days')) UNION ALL SELECT date(d, '+1 day') FROM dates WHERE d < date('now')) SELECT d FROM dates
WITH a AS MATERIALIZED (SELECT 1 AS x), b AS NOT MATERIALIZED (SELECT 2 AS y) SELECT * FROM a, b
SELECT name, rank() OVER (ORDER BY amount DESC), row_number() OVER w, sum(amount) OVER (ROWS BETWEEN 2 PRECEDING AND CURRENT ROW), lag(amount, 1, 0) OVER w FROM sales WINDOW w AS (PARTITION BY region ORDER BY d)
SELECT sum(a) OVER (ORDER BY b GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) FROM t
SELECT * FROM a LEFT JOIN b ON a.id = b.id FULL OUTER JOIN c USING (id) NATURAL JOIN d
SELECT * FROM t WHERE name LIKE '张%' AND code GLOB 'A*' AND x NOT NULL AND y ISNULL AND z IS NOT 3 AND w IS NOT DISTINCT FROM v
SELECT * FROM t WHERE a == 1 AND b <> 2 AND c IN (1, 2) AND d NOT IN (SELECT d FROM u) AND e BETWEEN 1 AND 2
SELECT * FROM t INDEXED BY idx_a WHERE a = 1
SELECT * FROM t NOT INDEXED WHERE a = 1
SELECT id FROM a UNION SELECT id FROM b EXCEPT SELECT id FROM c INTERSECT SELECT id FROM d
VALUES (1, 'a'), (2, 'b')
SELECT * FROM (VALUES (1, 2), (3, 4))
SELECT column1 FROM (VALUES (1), (2)) AS v
SELECT DISTINCT a FROM t ORDER BY a COLLATE NOCASE DESC NULLS LAST LIMIT 5 OFFSET 2
SELECT a FROM t LIMIT 2, 5
SELECT rowid, oid, _rowid_, * FROM t
SELECT main.orders.id FROM main.orders
SELECT CASE WHEN a IS NULL THEN 0 ELSE 1 END FROM t
SELECT EXISTS (SELECT 1 FROM t WHERE a = 1), (SELECT max(a) FROM t)
SELECT x'53514C697465', 0x1F, 1e3, .5, TRUE, FALSE, NULL, CURRENT_DATE, CURRENT_TIME, CURRENT_TIMESTAMP
SELECT -a, +b, ~c, NOT d, a << 1, a >> 1, a & b, a | b, a % b FROM t
SELECT ceil(a), floor(b), sqrt(c), pow(d, 2), power(d, 2), ln(e), log(f), log10(g), exp(h), pi(), sin(i), mod(j, k), sign(l), trunc(m) FROM t
SELECT '研究开发部' AS 部门, count(*) AS 人数 FROM 员工 WHERE 部门 = '研究开发部' GROUP BY 部门 HAVING 人数 > 1
SELECT 1 -- the one
SELECT a /* comment ; with semicolon */ FROM t;
SELECT 'it''s; fine -- really /* yes */' FROM t
SELECT 'C:\' FROM t WHERE a = 'x\'
SELECT (a, b) = (1, 2), (a, b) IN (SELECT a, b FROM u) FROM t
EXPLAIN QUERY PLAN SELECT * FROM t
EXPLAIN SELECT 1
SELECT sqlite_version()
SELECT a FROM t GROUP BY a HAVING count(*) > 1 ORDER BY 1
SELECT name FROM products WHERE price > (SELECT avg(price) FROM products) AND stock > 0 ORDER BY price DESC
SELECT likelihood(a = 1, 0.5), unlikely(b), zeroblob(10) FROM t
SELECT action, key, plan, query, no, day, temp, view, row, end_date, release, replace, cast_id, "order" FROM t
SELECT timediff('2024-01-02', '2024-01-01'), octet_length(a), concat(a, b), concat_ws('-', a, b) FROM t
SELECT sum(CASE WHEN strftime('%m', d) IN ('01', '02', '03') THEN amount END) AS Q1 FROM sales WHERE d >= date('now', 'start of year', '-1 year')
