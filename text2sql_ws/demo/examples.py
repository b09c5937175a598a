"""What to ask the demo database first, and the short forms people use for its long names. Values only."""

DEMO_EXAMPLES: tuple[tuple[str, str], ...] = (
    ("最近12个月每月的销售额", "Monthly sales over the last 12 months"),
    ("今年销售额最高的10个产品", "Top 10 products by sales this year"),
    ("今年各大区的销售额占比", "Share of sales by region this year"),
    ("各部门有多少名在职员工？", "How many current employees are there in each department?"),
    ("今年和去年每个月的订单数量对比", "Compare the number of orders per month this year and last year"),
    ("今年退货数量最多的5个产品", "Top 5 products by returned quantity this year"),
    ("订单总金额超过500万元的客户有哪些？", "Which customers have ordered more than 5000000 in total?"),
    ("上个月已取消的订单有多少？", "How many orders were cancelled last month?"),
)
"""(Chinese, English): a trend, a ranking, shares, a count, a comparison, a join, a threshold, a filter."""

DEMO_ABBREVIATIONS: dict[str, dict[str, str]] = {
    "department": {
        "研发": "研究开发部",
        "研发部": "研究开发部",
        "信息部": "信息技术部",
        "市场部": "市场营销部",
        "人事": "人力资源部",
        "人事部": "人力资源部",
        "HR": "人力资源部",
        "财务": "财务管理部",
        "财务部": "财务管理部",
        "法务": "法务合规部",
        "采购": "采购供应部",
        "仓储": "仓储物流部",
        "客服": "客户服务部",
    },
    "project": {
        "园区一期": "智慧园区一期工程",
        "园区二期": "智慧园区二期工程",
        "轨道监控": "轨道交通视频监控改造工程",
        "ERP升级": "企业资源计划系统升级项目",
        "CRM": "客户关系管理平台建设项目",
        "立体仓库": "苏州自动化立体仓库建设项目",
        "数仓": "数据仓库建设项目",
    },
}
"""Short form to stored value, by dictionary, as `[abbreviations.*]` has them."""
