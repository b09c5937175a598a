SELECT 1
SELECT COUNT(*) FROM orders
select * from orders limit 10
SELECT DISTINCT region FROM customers ORDER BY region
SELECT c.name, SUM(o.amount) AS total FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.id, c.name ORDER BY total DESC LIMIT 10
SELECT DATE_FORMAT(order_date, '%Y-%m') AS month, SUM(amount) AS revenue FROM orders WHERE order_date >= DATE_SUB(CURDATE(), INTERVAL 12 MONTH) GROUP BY DATE_FORMAT(order_date, '%Y-%m') ORDER BY month
SELECT YEAR(order_date) AS y, QUARTER(order_date) AS q, COUNT(*) AS n FROM orders GROUP BY YEAR(order_date), QUARTER(order_date) WITH ROLLUP
SELECT d.name AS 部门, COUNT(e.id) AS 人数 FROM departments d LEFT JOIN employees e ON e.department_id = d.id GROUP BY d.id, d.name HAVING COUNT(e.id) > 5
SELECT `客户名称`, `订单金额` FROM `订单` WHERE `下单日期` BETWEEN '2024-01-01' AND '2024-12-31'
SELECT 客户.名称, SUM(订单.金额) AS 总金额 FROM 客户 INNER JOIN 订单 ON 客户.编号 = 订单.客户编号 WHERE 客户.地区 IN ('华东', '华南') GROUP BY 客户.名称
WITH monthly AS (SELECT DATE_FORMAT(order_date, '%Y-%m-01') AS m, SUM(amount) AS s FROM orders GROUP BY 1) SELECT m, s, s - LAG(s) OVER (ORDER BY m) AS diff, ROUND(100 * (s - LAG(s) OVER (ORDER BY m)) / LAG(s) OVER (ORDER BY m), 2) AS pct FROM monthly
SELECT name, salary, RANK() OVER (PARTITION BY department_id ORDER BY salary DESC) AS r FROM employees
SELECT * FROM (SELECT p.*, ROW_NUMBER() OVER (PARTITION BY category ORDER BY price DESC) AS rn FROM products p) t WHERE t.rn <= 3
SELECT department_id, AVG(salary) OVER w AS avg_salary, SUM(salary) OVER w AS total FROM employees WINDOW w AS (PARTITION BY department_id ORDER BY hired ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
SELECT order_date, amount, AVG(amount) OVER (ORDER BY order_date RANGE BETWEEN INTERVAL 6 DAY PRECEDING AND CURRENT ROW) AS moving FROM orders
SELECT order_id, NTILE(4) OVER (ORDER BY amount) AS quartile, CUME_DIST() OVER (ORDER BY amount) AS cd, PERCENT_RANK() OVER (ORDER BY amount) AS pr FROM orders
SELECT id, FIRST_VALUE(amount) OVER (PARTITION BY customer_id ORDER BY order_date) AS f, LAST_VALUE(amount) OVER (PARTITION BY customer_id ORDER BY order_date ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS l, NTH_VALUE(amount, 2) OVER (PARTITION BY customer_id ORDER BY order_date) AS n FROM orders
WITH RECURSIVE tree AS (SELECT id, name, parent_id, 0 AS depth, CAST(name AS CHAR(500)) AS path FROM departments WHERE parent_id IS NULL UNION ALL SELECT d.id, d.name, d.parent_id, tree.depth + 1, CONCAT(tree.path, ' > ', d.name) FROM departments d JOIN tree ON d.parent_id = tree.id) SELECT CONCAT(REPEAT('  ', depth), name) AS label, path FROM tree ORDER BY path
WITH RECURSIVE seq AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM seq WHERE n < 12) SELECT seq.n AS month, COALESCE(SUM(o.amount), 0) AS total FROM seq LEFT JOIN orders o ON MONTH(o.order_date) = seq.n GROUP BY seq.n
WITH RECURSIVE dates AS (SELECT DATE('2024-01-01') AS d UNION ALL SELECT d + INTERVAL 1 DAY FROM dates WHERE d < '2024-12-31') SELECT d, COUNT(o.id) FROM dates LEFT JOIN orders o ON o.order_date = d GROUP BY d
WITH RECURSIVE dates(d) AS (SELECT CURDATE() - INTERVAL 29 DAY UNION ALL SELECT DATE_ADD(d, INTERVAL 1 DAY) FROM dates WHERE d < CURDATE()) SELECT * FROM dates
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT * FROM a CROSS JOIN b
SELECT JSON_EXTRACT(attributes, '$.color') AS color, attributes->'$.size' AS size, attributes->>'$.brand' AS brand FROM products
SELECT JSON_UNQUOTE(JSON_EXTRACT(doc, '$.items[0].name')) FROM docs WHERE JSON_CONTAINS(doc, '"vip"', '$.tags')
SELECT jt.* FROM orders o, JSON_TABLE(o.items, '$[*]' COLUMNS (rn FOR ORDINALITY, sku VARCHAR(20) PATH '$.sku', qty INT PATH '$.qty' DEFAULT '0' ON EMPTY)) AS jt
SELECT JSON_ARRAYAGG(name) AS names, JSON_OBJECTAGG(id, name) AS byid FROM customers
SELECT JSON_OBJECT('id', id, 'name', name) AS j FROM customers LIMIT 5
SELECT id FROM products WHERE JSON_LENGTH(tags) > 2 AND 'new' MEMBER OF (tags)
SELECT id FROM products WHERE JSON_OVERLAPS(tags, '["a","b"]') OR JSON_VALUE(attributes, '$.price' RETURNING DECIMAL(10,2)) > 10
SELECT JSON_KEYS(attributes), JSON_TYPE(attributes), JSON_DEPTH(attributes), JSON_VALID(attributes) FROM products
SELECT GROUP_CONCAT(DISTINCT name ORDER BY name DESC SEPARATOR '; ') AS names FROM customers GROUP BY region
SELECT GROUP_CONCAT(CONCAT(name, ':', phone) SEPARATOR ',') FROM customers
SELECT IF(amount > 1000, '大单', '小单') AS kind, COUNT(*) FROM orders GROUP BY kind
SELECT CASE WHEN age < 18 THEN 'minor' WHEN age BETWEEN 18 AND 64 THEN 'adult' ELSE 'senior' END AS grp, COUNT(*) FROM people GROUP BY grp
SELECT CASE status WHEN 1 THEN '已付款' WHEN 2 THEN '已发货' ELSE '其他' END AS 状态 FROM orders
SELECT IFNULL(phone, '无'), NULLIF(a, b), COALESCE(x, y, z, 0) FROM t
SELECT * FROM t WHERE a IS NULL AND b IS NOT NULL AND c <=> NULL
SELECT * FROM t WHERE NOT (a = 1 OR b = 2) AND c XOR d
SELECT * FROM t WHERE a && b || !c
SELECT * FROM t WHERE name LIKE '%张%' ESCAPE '|' AND code NOT LIKE 'A\_%'
SELECT * FROM t WHERE name REGEXP '^[A-Z]{2}[0-9]+$' OR name RLIKE 'x$' OR NOT name REGEXP BINARY 'a'
SELECT REGEXP_REPLACE(phone, '[^0-9]', ''), REGEXP_SUBSTR(addr, '[0-9]+'), REGEXP_INSTR(a, 'b'), REGEXP_LIKE(a, 'c', 'i') FROM t
SELECT SUBSTRING_INDEX(email, '@', -1) AS domain, COUNT(*) FROM users GROUP BY domain
SELECT SUBSTRING(name, 1, 3), SUBSTRING(name FROM 2 FOR 3), SUBSTR(name, -2), MID(name, 1, 2), LEFT(name, 1), RIGHT(name, 1) FROM t
SELECT TRIM(name), TRIM(BOTH ' ' FROM name), TRIM(LEADING '0' FROM code), LTRIM(a), RTRIM(b) FROM t
SELECT UPPER(a), LOWER(b), LCASE(c), UCASE(d), REVERSE(e), CHAR_LENGTH(f), LENGTH(g), LOCATE('x', h), INSTR(i, 'y'), POSITION('z' IN j) FROM t
SELECT CONCAT_WS('-', a, b, c), CONCAT(a, NULL), FIELD(status, 'new', 'paid'), ELT(2, 'a', 'b'), FIND_IN_SET('x', list) FROM t
SELECT LPAD(id, 8, '0'), RPAD(name, 20, ' '), SPACE(4), REPEAT('=', 10), FORMAT(amount, 2), HEX(id) FROM t
SELECT CAST(a AS SIGNED), CAST(b AS UNSIGNED), CAST(c AS DECIMAL(10, 2)), CAST(d AS CHAR), CAST(e AS DATE), CAST(f AS DATETIME), CAST(g AS JSON), CAST(h AS BINARY), CAST(i AS CHAR CHARACTER SET utf8mb4), CAST(j AS TIME) FROM t
SELECT CONVERT(a, SIGNED), CONVERT(b USING utf8mb4), CONVERT(c, DECIMAL(8,3)), CONVERT(d, CHAR(10)) FROM t
SELECT * FROM t ORDER BY CONVERT(name USING gbk) COLLATE gbk_chinese_ci ASC
SELECT name COLLATE utf8mb4_bin FROM t WHERE BINARY name = 'A'
SELECT EXTRACT(YEAR FROM d), EXTRACT(YEAR_MONTH FROM d), EXTRACT(DAY_HOUR FROM d), DAYOFWEEK(d), WEEKDAY(d), DAYNAME(d), MONTHNAME(d), LAST_DAY(d), WEEK(d, 1), YEARWEEK(d, 3), DAYOFYEAR(d) FROM t
SELECT DATEDIFF(a, b), TIMESTAMPDIFF(MONTH, a, b), TIMESTAMPADD(DAY, 3, a), DATE_ADD(a, INTERVAL '1:30' HOUR_MINUTE), SUBDATE(a, 7), ADDDATE(a, INTERVAL 1 WEEK), PERIOD_DIFF(202401, 202301), TIMEDIFF(a, b) FROM t
SELECT STR_TO_DATE('01,5,2013', '%d,%m,%Y'), FROM_UNIXTIME(ts), FROM_UNIXTIME(ts, '%Y'), UNIX_TIMESTAMP(d), UNIX_TIMESTAMP(), SEC_TO_TIME(90), TIME_TO_SEC('01:00:00'), MAKEDATE(2024, 32), MAKETIME(1, 2, 3) FROM t
SELECT NOW(), CURRENT_DATE, CURRENT_DATE(), CURRENT_TIMESTAMP, CURRENT_TIMESTAMP(3), SYSDATE(), UTC_TIMESTAMP(), CURTIME(), LOCALTIME, LOCALTIMESTAMP
SELECT DATE '2024-01-01', TIMESTAMP '2024-01-01 10:00:00', TIME '10:00:00'
SELECT * FROM orders WHERE order_date >= DATE_FORMAT(CURDATE(), '%Y-%m-01') AND order_date < DATE_FORMAT(CURDATE(), '%Y-%m-01') + INTERVAL 1 MONTH
SELECT * FROM orders WHERE YEAR(order_date) = YEAR(CURDATE()) - 1 AND QUARTER(order_date) = 2
SELECT * FROM orders WHERE order_date BETWEEN DATE_SUB(NOW(), INTERVAL 3 MONTH) AND NOW()
SELECT * FROM a LEFT JOIN b USING (id) RIGHT OUTER JOIN c ON a.id = c.id INNER JOIN d ON TRUE CROSS JOIN e
SELECT * FROM a NATURAL JOIN b
SELECT * FROM a STRAIGHT_JOIN b ON a.id = b.id
SELECT * FROM a, b, c WHERE a.id = b.id AND b.id = c.id
SELECT * FROM (a JOIN b ON a.id = b.a_id) LEFT JOIN c ON c.id = b.c_id
SELECT o.*, x.total FROM orders o JOIN LATERAL (SELECT SUM(qty) AS total FROM order_lines l WHERE l.order_id = o.id) x ON TRUE
SELECT * FROM orders USE INDEX (idx_date) WHERE order_date > '2024-01-01'
SELECT * FROM orders FORCE INDEX (PRIMARY) IGNORE INDEX FOR ORDER BY (idx_a) ORDER BY id
SELECT * FROM orders PARTITION (p2024) WHERE id < 100
SELECT id FROM a UNION SELECT id FROM b UNION ALL SELECT id FROM c ORDER BY id LIMIT 5 OFFSET 10
(SELECT id FROM a ORDER BY id LIMIT 1) UNION ALL (SELECT id FROM b ORDER BY id DESC LIMIT 1)
SELECT id FROM a EXCEPT SELECT id FROM b
SELECT id FROM a INTERSECT SELECT id FROM b
SELECT * FROM t LIMIT 10, 20
SELECT * FROM t WHERE id IN (SELECT id FROM u WHERE u.x = t.x) AND EXISTS (SELECT 1 FROM v WHERE v.id = t.id) AND NOT EXISTS (SELECT * FROM w WHERE w.id = t.id)
SELECT * FROM t WHERE a > ALL (SELECT a FROM u) OR a = ANY (SELECT a FROM u) OR a < SOME (SELECT b FROM u)
SELECT * FROM t WHERE (a, b) IN (SELECT a, b FROM u) AND (c, d) = (1, 2)
SELECT (SELECT MAX(amount) FROM orders) AS m, (SELECT COUNT(*) FROM customers) AS n
SELECT (SELECT name FROM customers c WHERE c.id = o.customer_id) AS customer, o.amount FROM orders o
SELECT COUNT(DISTINCT customer_id), COUNT(DISTINCT a, b), SUM(DISTINCT x), AVG(y), MIN(z), MAX(z), STDDEV(y), STDDEV_POP(y), STDDEV_SAMP(y), VAR_POP(y), VARIANCE(y), BIT_AND(f), BIT_OR(f), ANY_VALUE(g) FROM orders
SELECT region, product, SUM(amount), GROUPING(region) FROM sales GROUP BY region, product WITH ROLLUP HAVING SUM(amount) > 0
SELECT SUM(amount > 100) AS big, SUM(IF(status = 'paid', amount, 0)) AS paid, COUNT(CASE WHEN a THEN 1 END) AS n FROM orders
SELECT ROUND(SUM(amount) / NULLIF(COUNT(*), 0), 2), CEIL(1.2), CEILING(1.5), FLOOR(1.9), TRUNCATE(1.999, 1), ABS(-1), SIGN(-2), MOD(10, 3), 10 % 3, 10 MOD 3, 10 DIV 3, POW(2, 3), SQRT(4), EXP(1), LN(2), LOG(2, 8), LOG10(100), RAND() FROM orders
SELECT GREATEST(a, b, c), LEAST(a, b), a & b, a | b, a ^ b, ~a, a << 2, a >> 1, -a, +b, a - -b FROM t
SELECT 1--1
SELECT 5 -- five
SELECT 5 # five
SELECT /* all */ a, b /* two */ FROM t -- end
SELECT /*+ NO_INDEX_MERGE(t) */ * FROM t
SELECT SQL_NO_CACHE a FROM t
SELECT STRAIGHT_JOIN a FROM t JOIN u ON t.id = u.id
SELECT DISTINCTROW a FROM t
SELECT ALL a FROM t
SELECT a AS 'quoted alias', b AS "double", c `tick` FROM t
SELECT "double quoted", 'it''s', 'it\'s', "say ""hi""", 'back\\slash', 'tab\t', 'a; b', 'x -- y', '/* no comment */', '# none' FROM t
SELECT 'a' 'b' AS joined
SELECT _utf8mb4'中文' COLLATE utf8mb4_unicode_ci, N'x'
SELECT x'4D7953514C', X'41', 0x41, b'1010', 0b11
SELECT 1.5, .5, 1., 1e3, 1.5E-3, -2, TRUE, FALSE, NULL
SELECT t.`select`, t.`from`, `order`.`group` FROM t JOIN `order` ON 1 = 1
SELECT 2023_sales.amount FROM 2023_sales
SELECT * FROM `2023-sales` WHERE `unit price` > 5
SELECT t.status, t.name, t.type, t.date, t.time, t.year, t.value, t.count, t.user, t.level, t.comment, t.position, t.text FROM t
SELECT status, name, type, date, time, value, count, user, level, comment, position, action, end_date, start, state, role, description, language, version, session, data, day, month, year, quarter, week, hour, minute, second, code, number, offset, query, table_name, column_name, first, last, next, previous, total, share, share_price, open, close, high, low, lock_date, kill_count, load_factor FROM t
SELECT region, `rank`, title FROM t ORDER BY `rank`, 2 DESC, FIELD(region, 'N', 'S'), RAND()
SELECT * FROM t WHERE d = '2024-02-30' OR ts > '2024-01-01 00:00:00' AND n NOT BETWEEN 1 AND 5
SELECT * FROM t WHERE a = 'O''Brien' OR a = "O'Brien" OR b = 'C:\\temp'
SELECT MATCH(title, body) AGAINST('database' IN NATURAL LANGUAGE MODE) AS score FROM articles WHERE MATCH(title, body) AGAINST('+mysql -oracle' IN BOOLEAN MODE)
SELECT ST_Distance_Sphere(POINT(lng, lat), POINT(116.4, 39.9)) / 1000 AS km FROM shops ORDER BY km LIMIT 5
SELECT ST_AsText(geom), ST_X(pt), ST_Y(pt), ST_Contains(a, b), ST_GeomFromText('POINT(1 1)') FROM places
SELECT MD5(email), SHA1(email), SHA2(email, 256), CRC32(name), UUID(), TO_BASE64(name), INET_NTOA(ip), INET_ATON('10.0.0.1') FROM users
SELECT VERSION(), DATABASE(), SCHEMA()
SELECT BIN(5), OCT(8), CONV('ff', 16, 10), ASCII('a'), ORD('中'), CHAR(77, 121), UNHEX('4D'), QUOTE(name), SOUNDEX(name), STRCMP(a, b), INSERT('abc', 1, 1, 'x'), REPLACE(a, 'b', 'c') FROM t
SELECT name FROM t WHERE name SOUNDS LIKE 'smith'
SELECT TABLE_NAME FROM my_tables
SELECT o.id FROM shop.orders AS o JOIN shop.customers c ON c.id = o.customer_id WHERE shop.o.amount > 0
SELECT shop.orders.id FROM shop.orders
TABLE orders
TABLE orders ORDER BY id LIMIT 3
VALUES ROW(1, 'a'), ROW(2, 'b')
SELECT * FROM (VALUES ROW(1, 2), ROW(3, 4)) AS v(a, b)
SELECT * FROM (SELECT 1 AS a UNION SELECT 2) AS u(b)
SELECT 1 FROM DUAL
SELECT seq FROM seq_1_to_12
SHOW TABLES
SHOW FULL TABLES
SHOW TABLES LIKE 'order%'
SHOW COLUMNS FROM orders
SHOW FULL COLUMNS FROM orders FROM shop
SHOW CREATE TABLE orders
SHOW INDEX FROM shop.orders
SHOW TABLE STATUS LIKE 'o%'
DESCRIBE orders
DESC shop.orders
DESCRIBE orders amount
EXPLAIN SELECT * FROM orders
EXPLAIN FORMAT=JSON SELECT * FROM orders WHERE id = 1
EXPLAIN orders
DESC SELECT 1
EXPLAIN WITH a AS (SELECT 1) SELECT * FROM a
SELECT customer_id, COUNT(*) AS 订单数, MAX(order_date) AS 最近下单 FROM orders WHERE status <> '已取消' GROUP BY customer_id HAVING 订单数 >= 3 ORDER BY 订单数 DESC, 最近下单 DESC LIMIT 20;
SELECT p.category, SUM(ol.qty * ol.price * (1 - IFNULL(ol.discount, 0))) AS 销售额, SUM(ol.qty * ol.price * (1 - IFNULL(ol.discount, 0))) / SUM(SUM(ol.qty * ol.price * (1 - IFNULL(ol.discount, 0)))) OVER () AS 占比 FROM order_lines ol JOIN products p ON p.id = ol.product_id GROUP BY p.category
WITH ranked AS (SELECT e.*, DENSE_RANK() OVER (PARTITION BY e.department_id ORDER BY e.salary DESC) AS dr FROM employees e), top AS (SELECT * FROM ranked WHERE dr = 1) SELECT d.name, t.name, t.salary FROM top t JOIN departments d ON d.id = t.department_id
SELECT a.m, a.s AS 今年, b.s AS 去年, ROUND((a.s - b.s) / b.s * 100, 1) AS 同比 FROM (SELECT MONTH(order_date) AS m, SUM(amount) AS s FROM orders WHERE YEAR(order_date) = 2024 GROUP BY 1) a LEFT JOIN (SELECT MONTH(order_date) AS m, SUM(amount) AS s FROM orders WHERE YEAR(order_date) = 2023 GROUP BY 1) b ON a.m = b.m ORDER BY a.m
SELECT COUNT(*) AS n, HOUR(created_at) AS h FROM events WHERE created_at >= CURRENT_DATE - INTERVAL 7 DAY GROUP BY h
SELECT DATE(created_at) AS d, COUNT(DISTINCT user_id) AS dau FROM events GROUP BY DATE(created_at)
WITH cohort AS (SELECT user_id, MIN(DATE_FORMAT(created_at, '%Y-%m')) AS c FROM events GROUP BY user_id) SELECT c.c, TIMESTAMPDIFF(MONTH, STR_TO_DATE(CONCAT(c.c, '-01'), '%Y-%m-%d'), e.created_at) AS k, COUNT(DISTINCT e.user_id) FROM cohort c JOIN events e USING (user_id) GROUP BY 1, 2
SELECT AVG(t.gap) FROM (SELECT DATEDIFF(order_date, LAG(order_date) OVER (PARTITION BY customer_id ORDER BY order_date)) AS gap FROM orders) t WHERE t.gap IS NOT NULL
SELECT t1.a FROM t AS t1 WHERE 3 > (SELECT COUNT(DISTINCT t2.a) FROM t AS t2 WHERE t2.a > t1.a)
SELECT * FROM t WHERE (SELECT COUNT(*) FROM u) > 0 AND id = (SELECT MIN(id) FROM t)
SELECT CONCAT(LEFT(phone, 3), '****', RIGHT(phone, 4)) AS phone FROM customers
SELECT INTERVAL(23, 1, 15, 17, 30, 44, 200)
SELECT COUNT(*) FROM orders WHERE amount > 1e3 AND amount <> 0 AND amount != 1 AND NOT amount = 2
SELECT MEDIAN(amount) OVER (PARTITION BY region), PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY amount) OVER (PARTITION BY region) FROM sales
SELECT NVL(a, 0), NVL2(a, 1, 2), ADD_MONTHS(d, 3), TO_CHAR(d, 'YYYY-MM') FROM t
SELECT * FROM t FOR SYSTEM_TIME AS OF TIMESTAMP '2024-01-01 00:00:00'
SELECT * FROM t FETCH FIRST 10 ROWS ONLY
SELECT * FROM t ORDER BY id OFFSET 5 ROWS FETCH NEXT 10 ROWS WITH TIES
SELECT SUM(x) AS `sum`, AVG(x) `avg` FROM t GROUP BY y ORDER BY `sum`
SELECT * FROM t WHERE FIND_IN_SET(3, ids) > 0 AND LOCATE('a', b) AND c DIV 2 = 1
SELECT * FROM t1 LEFT JOIN (t2, t3) ON t2.a = t1.a AND t3.b = t1.b
SELECT JSON_SET('{"a": 1}', '$.a', 2), JSON_INSERT('{}', '$.b', 1), JSON_REPLACE('{}', '$.c', 3), JSON_REMOVE('{"a": 1}', '$.a'), JSON_MERGE_PATCH('{}', '{}'), JSON_SEARCH('{}', 'one', 'x'), JSON_PRETTY('{}'), JSON_QUOTE('a'), JSON_ARRAY(1, 2)
SELECT WEEK(d), YEARWEEK(d), TO_DAYS(d), FROM_DAYS(739000), TIME_FORMAT(t, '%H'), GET_FORMAT(DATE, 'ISO'), MICROSECOND(t), SECOND(t), MINUTE(t) FROM x
SELECT CONVERT_TZ(d, '+00:00', '+08:00') FROM t
SELECT IS_UUID(u), BIN_TO_UUID(u), UUID_TO_BIN(v), IS_IPV4(ip), INET6_NTOA(ip6) FROM t
SELECT COUNT(*) OVER () AS total, t.* FROM t LIMIT 20
SELECT SUM(a) FILTER_TOTAL FROM t
SELECT DATE_FORMAT(d, '%x-W%v') AS 周, WEEKOFYEAR(d) FROM t
SELECT CAST(SUM(a) AS DOUBLE) / CAST(COUNT(b) AS FLOAT), CAST(c AS REAL), CAST(d AS YEAR), CAST(e AS NCHAR), CAST(x AS DATETIME(6)), CAST(y AS SIGNED INTEGER) FROM t
