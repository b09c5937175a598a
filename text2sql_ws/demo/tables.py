"""The tables of the demo database, as the statements that create them. No rows here.

The comments behind `--` are part of what users and models see: SQLite keeps the text of a CREATE TABLE
statement, and the catalogue reads the comment of a table from its first line and that of a column from the
column's own. So every table and every column has one, and a column takes exactly one line.
"""

TABLES: tuple[str, ...] = (
    """CREATE TABLE regions ( -- 大区：公司划分的销售区域
  region_id INTEGER PRIMARY KEY, -- 大区编号
  region_name VARCHAR(10) NOT NULL UNIQUE, -- 大区名称
  office_city VARCHAR(20) NOT NULL -- 大区办事处所在城市
)""",
    """CREATE TABLE departments ( -- 部门
  department_id INTEGER PRIMARY KEY, -- 部门编号
  department_name VARCHAR(30) NOT NULL UNIQUE, -- 部门名称（全称）
  department_type VARCHAR(10) NOT NULL, -- 部门类别：销售、技术、职能、支持
  region_id INTEGER, -- 负责的大区，非销售部门为空
  office_city VARCHAR(20) NOT NULL, -- 办公城市
  annual_budget DECIMAL(12,2) NOT NULL, -- 年度预算（元）
  founded_on DATE NOT NULL, -- 成立日期
  FOREIGN KEY (region_id) REFERENCES regions (region_id)
)""",
    """CREATE TABLE employees ( -- 员工：包括在职和已离职的员工
  employee_id INTEGER PRIMARY KEY, -- 员工编号
  employee_name VARCHAR(20) NOT NULL, -- 员工姓名
  gender VARCHAR(2) NOT NULL, -- 性别：男、女
  department_id INTEGER NOT NULL, -- 所属部门
  job_title VARCHAR(20) NOT NULL, -- 职位
  education VARCHAR(10) NOT NULL, -- 学历
  manager_id INTEGER, -- 直属上级，部门负责人为空
  birth_date DATE NOT NULL, -- 出生日期
  hire_date DATE NOT NULL, -- 入职日期
  leave_date DATE, -- 离职日期，在职员工为空
  salary DECIMAL(10,2) NOT NULL, -- 月薪（元）
  FOREIGN KEY (department_id) REFERENCES departments (department_id),
  FOREIGN KEY (manager_id) REFERENCES employees (employee_id)
)""",
    """CREATE TABLE customers ( -- 客户：企业客户
  customer_id INTEGER PRIMARY KEY, -- 客户编号
  customer_name VARCHAR(60) NOT NULL UNIQUE, -- 客户名称（全称）
  industry VARCHAR(20) NOT NULL, -- 所属行业
  customer_level VARCHAR(10) NOT NULL, -- 客户等级：战略客户、重点客户、普通客户
  region_id INTEGER NOT NULL, -- 所属大区
  city VARCHAR(20) NOT NULL, -- 所在城市
  account_manager_id INTEGER NOT NULL, -- 客户经理
  credit_limit DECIMAL(12,2), -- 信用额度（元），未授信为空
  registered_on DATE NOT NULL, -- 注册日期
  FOREIGN KEY (region_id) REFERENCES regions (region_id),
  FOREIGN KEY (account_manager_id) REFERENCES employees (employee_id)
)""",
    """CREATE TABLE product_categories ( -- 产品类别
  category_id INTEGER PRIMARY KEY, -- 类别编号
  category_name VARCHAR(20) NOT NULL UNIQUE, -- 类别名称
  description VARCHAR(100) NOT NULL -- 类别说明
)""",
    """CREATE TABLE products ( -- 产品
  product_id INTEGER PRIMARY KEY, -- 产品编号
  product_name VARCHAR(60) NOT NULL UNIQUE, -- 产品名称（全称）
  category_id INTEGER NOT NULL, -- 产品类别
  unit VARCHAR(4) NOT NULL, -- 计量单位
  list_price DECIMAL(10,2) NOT NULL, -- 标价（元）
  cost_price DECIMAL(10,2) NOT NULL, -- 成本价（元）
  launched_on DATE NOT NULL, -- 上市日期
  discontinued_on DATE, -- 停产日期，在售产品为空
  FOREIGN KEY (category_id) REFERENCES product_categories (category_id)
)""",
    """CREATE TABLE orders ( -- 订单：客户的销售订单
  order_id INTEGER PRIMARY KEY, -- 订单编号
  customer_id INTEGER NOT NULL, -- 下单客户
  salesperson_id INTEGER NOT NULL, -- 销售员（员工）
  order_date DATE NOT NULL, -- 下单日期
  channel VARCHAR(10) NOT NULL, -- 销售渠道：直销、线上商城、经销商、展会
  status VARCHAR(10) NOT NULL, -- 订单状态：已完成、已发货、待发货、待付款、已取消
  payment_method VARCHAR(10), -- 付款方式，未付款为空
  discount_amount DECIMAL(12,2) NOT NULL, -- 优惠金额（元）
  total_amount DECIMAL(12,2) NOT NULL, -- 订单金额（元），即销售额，等于明细金额之和减去优惠金额
  shipped_at DATETIME, -- 发货时间，未发货为空
  FOREIGN KEY (customer_id) REFERENCES customers (customer_id),
  FOREIGN KEY (salesperson_id) REFERENCES employees (employee_id)
)""",
    """CREATE TABLE order_items ( -- 订单明细：订单中的每一种产品
  order_item_id INTEGER PRIMARY KEY, -- 明细编号
  order_id INTEGER NOT NULL, -- 所属订单
  product_id INTEGER NOT NULL, -- 产品
  quantity INTEGER NOT NULL, -- 销售数量
  unit_price DECIMAL(10,2) NOT NULL, -- 成交单价（元）
  line_amount DECIMAL(12,2) NOT NULL, -- 明细金额（元），等于数量乘以单价，即产品的销售额
  FOREIGN KEY (order_id) REFERENCES orders (order_id),
  FOREIGN KEY (product_id) REFERENCES products (product_id)
)""",
    """CREATE TABLE returns ( -- 退货：客户退回的产品
  return_id INTEGER PRIMARY KEY, -- 退货编号
  order_id INTEGER NOT NULL, -- 原订单
  product_id INTEGER NOT NULL, -- 退货产品
  return_date DATE NOT NULL, -- 退货日期
  quantity INTEGER NOT NULL, -- 退货数量
  refund_amount DECIMAL(12,2) NOT NULL, -- 退款金额（元）
  reason VARCHAR(20) NOT NULL, -- 退货原因
  status VARCHAR(10) NOT NULL, -- 退货状态：已退款、处理中、已拒绝
  FOREIGN KEY (order_id) REFERENCES orders (order_id),
  FOREIGN KEY (product_id) REFERENCES products (product_id)
)""",
    """CREATE TABLE warehouses ( -- 仓库
  warehouse_id INTEGER PRIMARY KEY, -- 仓库编号
  warehouse_name VARCHAR(30) NOT NULL UNIQUE, -- 仓库名称
  region_id INTEGER NOT NULL, -- 所属大区
  city VARCHAR(20) NOT NULL, -- 所在城市
  capacity INTEGER NOT NULL, -- 库容（件）
  FOREIGN KEY (region_id) REFERENCES regions (region_id)
)""",
    """CREATE TABLE stock ( -- 库存：每个仓库中每种产品的现有数量
  warehouse_id INTEGER NOT NULL, -- 仓库
  product_id INTEGER NOT NULL, -- 产品
  quantity INTEGER NOT NULL, -- 库存数量
  safety_quantity INTEGER NOT NULL, -- 安全库存，库存数量低于它就需要补货
  last_counted_on DATE NOT NULL, -- 最近盘点日期
  PRIMARY KEY (warehouse_id, product_id),
  FOREIGN KEY (warehouse_id) REFERENCES warehouses (warehouse_id),
  FOREIGN KEY (product_id) REFERENCES products (product_id)
)""",
    """CREATE TABLE sales_targets ( -- 销售目标：每个大区每个月的目标
  target_id INTEGER PRIMARY KEY, -- 目标编号
  region_id INTEGER NOT NULL, -- 大区
  target_month DATE NOT NULL, -- 目标月份（当月1日）
  target_amount DECIMAL(14,2) NOT NULL, -- 目标金额（元）
  UNIQUE (region_id, target_month),
  FOREIGN KEY (region_id) REFERENCES regions (region_id)
)""",
    """CREATE TABLE projects ( -- 项目：为客户实施的项目和内部项目
  project_id INTEGER PRIMARY KEY, -- 项目编号
  project_name VARCHAR(40) NOT NULL UNIQUE, -- 项目名称（全称）
  customer_id INTEGER, -- 委托客户，内部项目为空
  department_id INTEGER NOT NULL, -- 负责部门
  leader_id INTEGER NOT NULL, -- 项目负责人（员工）
  status VARCHAR(10) NOT NULL, -- 项目状态：筹备中、进行中、已完成、已暂停
  budget DECIMAL(12,2) NOT NULL, -- 项目预算（元）
  actual_cost DECIMAL(12,2) NOT NULL, -- 实际支出（元）
  start_date DATE NOT NULL, -- 开始日期
  end_date DATE, -- 结束日期，未结束为空
  FOREIGN KEY (customer_id) REFERENCES customers (customer_id),
  FOREIGN KEY (department_id) REFERENCES departments (department_id),
  FOREIGN KEY (leader_id) REFERENCES employees (employee_id)
)""",
    """CREATE TABLE project_members ( -- 项目成员：哪些员工参加哪些项目
  project_id INTEGER NOT NULL, -- 项目
  employee_id INTEGER NOT NULL, -- 员工
  role VARCHAR(20) NOT NULL, -- 项目角色
  planned_hours INTEGER NOT NULL, -- 计划工时（小时）
  PRIMARY KEY (project_id, employee_id),
  FOREIGN KEY (project_id) REFERENCES projects (project_id),
  FOREIGN KEY (employee_id) REFERENCES employees (employee_id)
)""",
)

INDEXES: tuple[str, ...] = (
    "CREATE INDEX orders_by_date ON orders (order_date)",
    "CREATE INDEX orders_by_customer ON orders (customer_id)",
    "CREATE INDEX orders_by_salesperson ON orders (salesperson_id)",
    "CREATE INDEX order_items_by_order ON order_items (order_id)",
    "CREATE INDEX order_items_by_product ON order_items (product_id)",
    "CREATE INDEX returns_by_order ON returns (order_id)",
    "CREATE INDEX returns_by_product ON returns (product_id)",
)
"""Made after the rows are in, which is faster than keeping them up to date row by row."""
