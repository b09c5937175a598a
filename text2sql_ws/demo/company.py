"""The company itself, as it was decided by hand: regions, departments, warehouses, projects. Values only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """`share` of all orders when the history begins; `growth` is a factor a year on top of everyone's."""

    name: str
    cities: tuple[str, ...]
    share: float
    growth: float = 1.0

    @property
    def office_city(self) -> str:
        return self.cities[0]


@dataclass(frozen=True, slots=True)
class Department:
    """`region` is set for sales departments; `budget` is in yuan; `staff` counts the head too."""

    name: str
    type: str
    city: str
    staff: int
    budget: int
    age_years: int
    titles: tuple[str, ...]
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """`begun` days ago; `days` long, `None` while it goes on; internal unless `for_customer`."""

    name: str
    department: str
    status: str
    budget: int
    begun: int
    days: int | None = None
    for_customer: bool = False


REGIONS: tuple[Region, ...] = (
    Region("华东", ("上海", "杭州", "南京", "苏州", "宁波", "合肥"), 0.30),
    Region("华南", ("深圳", "广州", "东莞", "佛山", "厦门", "福州"), 0.22, 1.03),
    Region("华北", ("北京", "天津", "石家庄", "太原", "济南", "青岛"), 0.18, 0.98),
    Region("华中", ("武汉", "长沙", "郑州", "南昌"), 0.11),
    Region("西南", ("成都", "重庆", "昆明", "贵阳"), 0.08, 1.40),
    Region("西北", ("西安", "兰州", "乌鲁木齐"), 0.06, 0.95),
    Region("东北", ("沈阳", "大连", "哈尔滨", "长春"), 0.05, 0.82),
)

SALES_HEAD = "销售总监"
_SALES = ("高级销售经理", "销售经理", "销售代表")

DEPARTMENTS: tuple[Department, ...] = (
    Department("研究开发部", "技术", "上海", 34, 28_600_000, 14, ("高级工程师", "工程师", "测试工程师")),
    Department("信息技术部", "技术", "上海", 12, 6_800_000, 11, ("系统工程师", "运维工程师")),
    Department("市场营销部", "职能", "上海", 13, 15_200_000, 13, ("市场经理", "市场专员")),
    Department("人力资源部", "职能", "上海", 8, 3_200_000, 14, ("人事经理", "人事专员")),
    Department("财务管理部", "职能", "上海", 10, 3_600_000, 14, ("会计", "财务分析师")),
    Department("法务合规部", "职能", "上海", 5, 2_100_000, 7, ("法务经理", "法务专员")),
    Department("采购供应部", "支持", "苏州", 9, 5_400_000, 12, ("采购经理", "采购专员")),
    Department("仓储物流部", "支持", "苏州", 14, 9_700_000, 12, ("仓储主管", "物流专员")),
    Department("客户服务部", "支持", "合肥", 16, 4_900_000, 9, ("客服主管", "客服专员")),
    Department("华东销售部", "销售", "上海", 18, 12_400_000, 14, _SALES, "华东"),
    Department("华南销售部", "销售", "深圳", 14, 9_800_000, 12, _SALES, "华南"),
    Department("华北销售部", "销售", "北京", 13, 9_100_000, 12, _SALES, "华北"),
    Department("华中销售部", "销售", "武汉", 9, 5_600_000, 9, _SALES, "华中"),
    Department("西南销售部", "销售", "成都", 9, 5_200_000, 6, _SALES, "西南"),
    Department("西北销售部", "销售", "西安", 6, 3_300_000, 5, _SALES, "西北"),
    Department("东北销售部", "销售", "沈阳", 6, 3_100_000, 8, _SALES, "东北"),
)

WAREHOUSES: tuple[tuple[str, str, str, int], ...] = (
    ("上海嘉定中心仓", "华东", "上海", 60_000),
    ("杭州萧山仓", "华东", "杭州", 28_000),
    ("广州黄埔中心仓", "华南", "广州", 45_000),
    ("北京大兴中心仓", "华北", "北京", 40_000),
    ("武汉东西湖仓", "华中", "武汉", 25_000),
    ("成都双流仓", "西南", "成都", 22_000),
    ("西安国际港务区仓", "西北", "西安", 15_000),
    ("沈阳浑南仓", "东北", "沈阳", 12_000),
)
"""Name, region, city, how many pieces it holds."""

PROJECTS: tuple[Project, ...] = (
    Project("智慧园区一期工程", "华东销售部", "已完成", 18_600_000, 900, 540, True),
    Project("智慧园区二期工程", "华东销售部", "进行中", 26_400_000, 300, None, True),
    Project("轨道交通视频监控改造工程", "华南销售部", "进行中", 14_800_000, 210, None, True),
    Project("市民服务中心会议系统项目", "华北销售部", "已完成", 5_200_000, 620, 260, True),
    Project("三甲医院无线网络建设项目", "华中销售部", "已完成", 7_300_000, 480, 300, True),
    Project("大学城智慧教室建设项目", "西南销售部", "进行中", 9_900_000, 260, None, True),
    Project("连锁门店安防升级项目", "华南销售部", "已完成", 3_800_000, 400, 190, True),
    Project("能源集团数据中心扩容项目", "西北销售部", "已暂停", 11_500_000, 330, None, True),
    Project("总部大厦智能化改造项目", "华北销售部", "进行中", 8_700_000, 150, None, True),
    Project("港口物流可视化项目", "东北销售部", "已暂停", 4_600_000, 420, None, True),
    Project("新一代会议平板研发项目", "研究开发部", "进行中", 12_800_000, 420),
    Project("会议纪要语音识别研发项目", "研究开发部", "已完成", 9_400_000, 1000, 380),
    Project("智能门锁安全加固项目", "研究开发部", "已完成", 2_600_000, 260, 150),
    Project("低功耗摄像机研发项目", "研究开发部", "进行中", 6_700_000, 180),
    Project("企业资源计划系统升级项目", "信息技术部", "进行中", 5_900_000, 240),
    Project("客户关系管理平台建设项目", "信息技术部", "已完成", 3_400_000, 700, 330),
    Project("数据仓库建设项目", "信息技术部", "进行中", 2_900_000, 120),
    Project("品牌形象升级项目", "市场营销部", "已完成", 3_100_000, 520, 210),
    Project("双十一全渠道推广项目", "市场营销部", "进行中", 4_200_000, 60),
    Project("人才梯队培养计划", "人力资源部", "进行中", 1_600_000, 350),
    Project("全面预算管理项目", "财务管理部", "筹备中", 1_200_000, 15),
    Project("苏州自动化立体仓库建设项目", "仓储物流部", "进行中", 16_300_000, 380),
    Project("供应商协同平台建设项目", "采购供应部", "筹备中", 2_200_000, 20),
    Project("智能客服机器人项目", "客户服务部", "已完成", 1_900_000, 450, 200),
)
