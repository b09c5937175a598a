"""Common business words in Chinese and English, grouped by meaning: what any clerk knows, of no database.

A line holds words of one meaning; `_` stands for a space. English words also stand for their other forms.
The first English word of a line names the meaning. A word may stand in several lines. `VALUES` does the same
for what fields commonly hold: a person says "cancelled" where the database holds "已取消".
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from text2sql_ws.llm.offline.tokens import key, listed

WORDS: tuple[str, ...] = (
    # people and organisations
    "customer client cust buyer account 客户 顾客 买家 用户",
    "user member 用户 会员",
    "member 成员 会员",
    "employee staff emp worker person 员工 职员 雇员 职工 人员",
    "salesperson seller salespeople sales_people sales_rep sales_representative salesman rep 销售员 销售人员 业务员 销售代表",
    "manager mgr 经理 主管 管理者",
    "supervisor superior boss report_to 上级 直属上级 领导",
    "leader head owner person_in_charge lead 负责人 领导 组长",
    "account_manager 客户经理",
    "department dept division 部门 科室",
    "team group 团队 小组 班组",
    "company firm enterprise organisation organization 公司 企业 机构",
    "supplier vendor provider 供应商 供货商",
    "branch store shop outlet 门店 店铺 分店 商店",
    "warehouse depot wh 仓库 库房",
    "student pupil 学生 学员",
    "teacher instructor faculty lecturer 教师 老师",
    "doctor physician 医生 医师 大夫",
    "patient 患者 病人",
    "author writer 作者",
    "reader borrower 读者 借阅人",
    "driver 司机 驾驶员",
    # things of trade
    "order purchase_order sales_order 订单 订购单 单子",
    "order_item order_line line_item order_detail item 订单明细 订单行 明细",
    "product prod goods merchandise item article sku commodity 产品 商品 货品 货物 物品",
    "category cat kind class 类别 品类 分类 类目 种类",
    "type 类型 类别 种类",
    "brand 品牌",
    "return refund 退货 退货单 退换货",
    "stock inventory 库存 存货",
    "target goal quota 目标 指标 任务",
    "project proj 项目 工程",
    "task 任务",
    "contract agreement 合同 协议",
    "invoice 发票",
    "payment 付款 支付 缴费 收款",
    "shipment delivery 发货 配送 物流 运单",
    "purchase procurement 采购",
    "transaction 交易 流水",
    "sale 销售",
    "promotion campaign 促销 活动",
    "coupon voucher 优惠券",
    "review comment feedback 评价 评论",
    "ticket case 工单",
    "complaint 投诉",
    "visit appointment consultation 就诊 预约 拜访",
    "book 图书 书籍 书",
    "loan borrowing borrow 借阅 借款",
    "course class 课程",
    "enrollment enrolment registration 选课 报名",
    "vehicle car 车辆 汽车",
    "device equipment machine 设备 机器",
    "flight 航班", "hotel 酒店", "room 房间 客房", "room_type 房型", "booking reservation 预订 预定",
    "movie film 电影 影片", "school 学校", "hospital 医院", "prescription 处方", "medicine drug 药品 药物",
    "batch 批次", "plan 计划", "event activity 活动 事件", "attendance 考勤 出勤", "leave 请假 休假",
    "expense 费用 报销 开支", "asset 资产", "bank 银行", "card 卡", "trip 行程", "route line 线路 路线",
    "station stop 站点 车站", "farm 农场", "plant 工厂 车间", "sensor 传感器",
    # places
    "region area territory 大区 地区 区域 片区 销售区域",
    "province state 省份 省",
    "city town municipality 城市 市",
    "country nation 国家",
    "district county 区县 县",
    "address addr street 地址 住址",
    "location place position 位置 地点 所在地",
    "office 办事处 办公室 办公",
    # attributes
    "name title 名称 名字 姓名 名 全名",
    "name full_name 姓名",
    "title 标题 书名",
    "code no number num 编号 编码 代码 号码 号 单号",
    "id identifier 编号 标识",
    "date day dt 日期 时间 日",
    "time datetime timestamp 时间 时刻",
    "year 年份 年度 年",
    "month 月份 月",
    "quarter 季度",
    "status state 状态 情况",
    "level grade tier rank class 等级 级别 层级",
    "rating score 评分 得分 分数 打分",
    "score mark 成绩 分数",
    "gender sex 性别",
    "age 年龄 岁数",
    "birth birthday birthdate dob 出生 生日",
    "education degree qualification 学历 教育程度",
    "position job_title job post title role 职位 岗位 职务 头衔",
    "role 角色",
    "major 专业", "skill 技能",
    "phone telephone mobile tel 电话 手机 联系电话 手机号",
    "email mail e-mail 邮箱 邮件 电子邮箱",
    "industry sector line_of_business 行业",
    "channel 渠道 销售渠道",
    "method way mode 方式 方法",
    "payment_method 付款方式 支付方式",
    "reason cause 原因 理由",
    "source 来源",
    "description desc remark note comment 说明 描述 备注",
    "unit uom 单位 计量单位",
    "color colour 颜色", "size 尺寸 大小 规格", "weight 重量 体重", "height 身高 高度", "length 长度", "width 宽度",
    "area 面积", "population 人口", "distance 距离 里程", "duration 时长 持续时间", "speed 速度",
    "temperature 温度", "salesperson 销售",
    "hour hours 工时 小时 时数",
    "capacity volume 容量 库容",
    "language 语言", "nationality 国籍", "version 版本", "priority 优先级",
    # measures
    "amount amt sum value total money 金额 总额 数额 款额",
    "revenue sales_amount sales_revenue turnover sales_value sales gmv income we_sell 销售额 营业额 营收 收入 业绩 成交额 "
    "销售金额 销售收入 销售业绩 消费额 消费金额",
    "price unit_price 价格 单价 售价 价钱 价",
    "list_price 标价 定价 牌价 原价",
    "cost cost_price 成本 成本价 花费",
    "actual_cost actual_spending expenditure spend 实际支出 支出 开支",
    "quantity qty number volume 数量 件数 个数 量",
    "units_sold sales_volume quantity_sold quantity_of_sale unit_sales 销量 销售数量 销售量 售出数量",
    "discount rebate 优惠 折扣 优惠金额 折让",
    "tax 税 税额 税费", "fee charge 费用 收费 手续费", "freight shipping_fee shipping_cost 运费",
    "profit margin gross_profit 利润 毛利",
    "budget 预算 经费",
    "salary wage pay earn earning compensation 工资 薪资 薪水 月薪 薪酬",
    "bonus commission 奖金 提成 佣金",
    "balance 余额", "deposit 押金 存款", "debt 欠款",
    "credit_limit credit 信用额度 授信额度 额度",
    "refund_amount refund 退款 退款金额 退款额",
    "target_amount 目标金额 目标额",
    "safety_stock safety_quantity safety_stock_level reorder_level 安全库存",
    "stock_quantity stock_level inventory on_hand 库存数量 库存量 库存",
    "point points 积分",
    "rate ratio 比率 率 比例",
    "limit 额度 上限 限额",
    "plan planned 计划", "actual real 实际",
    "original 原 原始", "total 总 合计", "annual yearly 年度", "monthly 月度",
    "copy copies 册数 馆藏数量 副本",
    "fine penalty 罚款 罚金",
    # what happens
    "order place purchase buy 下单 订购 购买 买",
    "sell sale 销售 卖 售出 卖出",
    "return 退货 退回",
    "hire join employ onboard 入职 聘用 录用 雇用",
    "leave resign quit depart 离职 辞职",
    "register sign_up join 注册 登记",
    "ship dispatch send 发货 出货 发运",
    "deliver arrive 送达 到货 交付",
    "pay payment 付款 支付 缴纳",
    "create add new 创建 新增 建立 添加 新建",
    "start begin commence kick_off 开始 启动 开工",
    "end finish complete close 结束 完成 完工",
    "launch release introduce 上市 发布 推出 上架",
    "discontinue retire 停产 下架",
    "found establish set_up 成立 创立 设立 创办",
    "sign 签订 签约 签署",
    "publish 出版 发表",
    "count check inventory_check 盘点",
    "update modify 更新 修改",
    "cancel 取消",
    "borrow lend loan 借 借阅 借出",
    "enroll enrol 入学 选课",
    "visit 就诊 来访 访问",
    "join participate take_part 参加 参与 加入",
    "lead manage 负责 管理 带领",
    "due 到期 应还", "expire 到期 失效 过期", "open 开业 开店 开通", "book reserve 预订 预定", "check_in 入住", "check_out 退房 离店",
)  # fmt: skip

VALUES: tuple[str, ...] = (
    "completed complete finished done closed fulfilled 已完成 完成 完结",
    "cancelled canceled cancel 已取消 取消 作废",
    "shipped dispatched 已发货 发货",
    "delivered received 已送达 已签收 已收货 已交付",
    "pending_shipment to_be_shipped awaiting_shipment unshipped waiting_for_shipment not_yet_shipped 待发货",
    "awaiting_payment pending_payment waiting_for_payment unpaid 待付款 未付款 待支付 未支付",
    "paid 已付款 已支付",
    "pending waiting 待处理 待定",
    "processing in_process being_processed 处理中 办理中",
    "in_progress ongoing under_way active 进行中 在建 执行中",
    "preparing in_preparation planning planned not_started 筹备中 准备中 未开始 计划中",
    "suspended paused on_hold 已暂停 暂停",
    "rejected refused declined denied 已拒绝 拒绝 驳回",
    "approved 已批准 已通过 批准",
    "refunded 已退款 退款",
    "returned 已归还 已退货", "overdue 逾期 已逾期", "borrowed on_loan 借出 已借出",
    "active in_service employed 在职", "resigned left former 离职 已离职", "on_leave 休假",
    "male man men 男 男性 男士", "female woman women 女 女性 女士",
    "yes true 是", "no false 否",
    "strategic strategic_customer key_strategic 战略客户 战略",
    "key key_account key_customer important 重点客户 重点",
    "regular ordinary normal standard common 普通客户 普通",
    "vip VIP VIP客户 贵宾", "gold 金牌 黄金", "silver 银牌 白银", "bronze 铜牌 青铜", "platinum 白金 铂金", "diamond 钻石",
    "direct direct_sales direct_sale 直销", "online online_store online_shop online_mall web 线上商城 线上 网店 网上商城 在线",
    "offline in_store retail_store 线下 门店", "dealer distributor reseller 经销商 分销商 代理商", "telephone_sales phone_sales telesales phone telephone 电话销售 电话",
    "alipay 支付宝", "wechat wechat_pay weixin 微信 微信支付", "bank_transfer transfer wire wire_transfer 银行转账 转账 对公转账 电汇", "cash 现金", "credit_card 信用卡", "card bank_card 银行卡",
    "cheque check 支票", "monthly_settlement monthly_billing 月结", "acceptance_bill bank_acceptance 承兑汇票 银行承兑",
    "east_china huadong east eastern_china eastern 华东 华东区 东部 华东大区", "south_china huanan south southern_china southern 华南 华南区 南部 华南大区",
    "north_china huabei north northern_china northern 华北 华北区 北部 华北大区", "central_china huazhong central 华中 华中区 中部 华中大区",
    "southwest southwest_china south-west southwestern_china southwestern 西南 西南区 西南大区", "northwest northwest_china north-west northwestern_china northwestern 西北 西北区 西北大区",
    "northeast northeast_china north-east northeastern_china northeastern 东北 东北区 东北大区",
    "manufacturing 制造业 制造", "finance financial financial_services 金融 金融业", "education 教育 教育业", "healthcare medical health medical_health 医疗健康 医疗 医疗卫生",
    "internet 互联网", "retail 零售 零售业", "logistics transport transportation logistics_and_transport 物流运输 物流", "energy 能源", "real_estate property 房地产 地产",
    "public_services public_service public_sector 公共服务", "government 政府", "agriculture 农业", "construction 建筑业 建筑",
    "r&d research_and_development research development 研发 研发部 研究开发部", "it information_technology 信息技术部 信息技术 IT部", "marketing 市场营销部 市场营销 市场部 市场",
    "hr human_resources personnel 人力资源部 人力资源 人事部", "finance accounting 财务管理部 财务部 财务", "legal compliance legal_and_compliance 法务合规部 法务部 法务",
    "procurement purchasing sourcing 采购供应部 采购部 采购", "warehousing logistics warehousing_and_logistics 仓储物流部 物流部 仓储部",
    "customer_service customer_support 客户服务部 客服部 客服", "sales 销售 销售部", "production 生产部", "quality 质量部", "administration admin 行政部", "support 支持", "function functional 职能",
    "computer office_computer computers 办公电脑 电脑", "laptop notebook 笔记本电脑 笔记本", "phone mobile_phone smartphone 手机", "electronics 电子产品 数码产品",
    "conference_equipment meeting_equipment conferencing 会议设备", "network_equipment networking network_device 网络设备", "security surveillance security_monitoring security_equipment 安防监控 安防",
    "printer printing_equipment printing 打印设备", "furniture office_furniture 办公家具 家具", "appliance environmental_appliance home_appliance 环境电器 家用电器 家电",
    "software software_service 软件服务 软件", "clothing apparel 服装 服饰", "food 食品", "beverage drink 饮料", "book 图书", "toy 玩具", "office_supplies stationery 办公用品 文具",
    "bachelor bachelor's bachelor_degree bachelor's_degree undergraduate 本科 学士", "master master's master_degree master's_degree masters 硕士 硕士研究生", "doctor doctorate doctoral phd doctoral_degree 博士 博士研究生", "college associate junior_college 大专 专科", "high_school 高中",
    "engineer 工程师", "senior_engineer 高级工程师", "test_engineer tester qa_engineer 测试工程师", "accountant 会计", "manager 经理", "director 总监", "sales_manager 销售经理",
    "sales_representative sales_rep 销售代表", "sales_director 销售总监", "assistant 助理", "intern 实习生", "specialist 专员",
    "quality_problem quality_issue quality defect defective 质量问题", "damaged damage damaged_in_transit transport_damage shipping_damage 运输损坏 破损 损坏", "wrong_item wrong_product wrong_shipment 发错货 错发", "changed_mind no_longer_needed no_longer_wanted 不想要了 不需要了 改变主意", "not_as_described 与描述不符 描述不符",
    "high 高", "medium 中", "low 低", "urgent 紧急",
    "fiction novel novels 小说", "history historical 历史", "science 科学", "children children's 儿童 少儿", "literature 文学", "economics 经济", "art 艺术", "philosophy 哲学",
    "inpatient 住院", "outpatient 门诊", "emergency 急诊", "internal_medicine 内科", "surgery 外科", "pediatrics paediatrics 儿科", "suite 套房", "standard_room 标准间", "single_room 单人间", "double_room 双人间",
)  # fmt: skip

CITIES: tuple[str, ...] = tuple(
    listed(
        "beijing:北京 shanghai:上海 guangzhou:广州 shenzhen:深圳 hangzhou:杭州 nanjing:南京 "
        "suzhou:苏州 ningbo:宁波 hefei:合肥 dongguan:东莞 foshan:佛山 xiamen:厦门 fuzhou:福州 "
        "tianjin:天津 shijiazhuang:石家庄 taiyuan:太原 jinan:济南 qingdao:青岛 wuhan:武汉 "
        "changsha:长沙 zhengzhou:郑州 nanchang:南昌 chengdu:成都 chongqing:重庆 kunming:昆明 "
        "guiyang:贵阳 xi'an:西安 lanzhou:兰州 urumqi:乌鲁木齐 shenyang:沈阳 dalian:大连 "
        "harbin:哈尔滨 changchun:长春 wuxi:无锡 changzhou:常州 wenzhou:温州 jiaxing:嘉兴 "
        "shaoxing:绍兴 jinhua:金华 zhuhai:珠海 huizhou:惠州 zhongshan:中山 quanzhou:泉州 "
        "nantong:南通 xuzhou:徐州 yantai:烟台 weifang:潍坊 linyi:临沂 luoyang:洛阳 yichang:宜昌 "
        "nanning:南宁 guilin:桂林 haikou:海口 sanya:三亚 hohhot:呼和浩特 yinchuan:银川 "
        "xining:西宁 lhasa:拉萨 tangshan:唐山 baoding:保定"
    )
)
"""Cities, because a column of cities seldom shows all that it holds: English, a colon, Chinese."""


@lru_cache(maxsize=1)
def synonyms() -> Mapping[str, tuple[str, ...]]:
    """From the key of a word to all words of its meanings as they are written, its own included."""
    return _by_key(WORDS)


@lru_cache(maxsize=1)
def value_synonyms() -> Mapping[str, tuple[str, ...]]:
    """The same for common values of fields."""
    return _by_key(VALUES)


@lru_cache(maxsize=8192)
def meanings(phrase_key: str) -> frozenset[int]:
    """The numbers of the lines of `WORDS` that a word belongs to: two words that share one mean the same."""
    return _numbers().get(phrase_key, frozenset())


@lru_cache(maxsize=1)
def _numbers() -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, line in enumerate(WORDS):
        for word in _split(line):
            found.setdefault(key(word), set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


def _by_key(lines: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for line in lines:
        words = _split(line)
        for word in words:
            found.setdefault(key(word), {}).update(dict.fromkeys(words))
    return {word: tuple(same) for word, same in found.items()}


@lru_cache(maxsize=1)
def cities() -> tuple[tuple[str, str], ...]:
    """(English, Chinese) names of cities."""
    return tuple((english, chinese) for english, _, chinese in (pair.partition(":") for pair in CITIES))


def value_lines() -> tuple[tuple[str, ...], ...]:
    """The words of each line of `VALUES`."""
    return tuple(tuple(_split(line)) for line in VALUES)


def _split(line: str) -> list[str]:
    return [word.replace("_", " ") for word in line.split()]
