"""The words of a question that no schema explains: "多少", "每个", "top", "most expensive". Data, and its
index.

One line a meaning: kind, payload, words (`_` for a space within a word). Words of no meaning are here
too: what is neither here nor in the schema makes a question not understood, so this list is kept short on
purpose.
"""

from collections.abc import Mapping
from functools import lru_cache

from text2sql_ws.llm.offline.marks import Kind, Word
from text2sql_ws.llm.offline.tokens import key

_K = Kind

WORDS: tuple[tuple[Kind, str, str], ...] = (
    (_K.HOW_MANY, "", "多少 几 多少个 多少名 多少位 多少家 多少条 多少笔 多少件 多少种 多少款 多少台 多少次 多少份 多少间 多少本 多少门 多少辆 多少张 几个 几名 几位 几家 几条 几笔 几件 几种 几款 几台 几次 几间 几本 几门 how_many number_of the_number_of count_of count total_number_of numbers_of quantity_of_distinct amount_of_distinct"),
    (_K.COUNTED, "", "数 数量 总数 总数量 个数 笔数 家数 件数 条数 次数 量 数目 单数 count number total_count"),
    (_K.COUNTED, "person", "人数 总人数 headcount head_count number_of_people"),
    (_K.SUM, "", "总 总共 合计 总和 总额 总量 总计 累计 总的 求和 加起来 total sum overall combined sum_of total_of in_total altogether aggregate cumulative how_much"),
    (_K.AVERAGE, "", "平均 均值 平均值 平均数 平均每 每单平均 average mean avg average_of on_average averaged"),
    (_K.MAXIMUM, "", "最大值 最高值 maximum max"),
    (_K.MINIMUM, "", "最小值 最低值 minimum min"),
    (_K.MOST, "desc", "最高 最多 最大 最好 最强 最长 第一 居首 highest most largest greatest biggest best maximal longest the_most the_highest the_largest"),
    (_K.MOST, "asc", "最低 最少 最小 最差 最短 倒数第一 垫底 lowest least smallest fewest worst shortest minimal the_least the_lowest the_fewest"),
    (_K.EACH, "", "各 每 每个 每名 每位 每家 每种 每类 每款 每条 每间 每一个 每一 各个 各类 各种 各自 不同 按 按照 按不同 根据 依据 分 依 分别按 逐个 each every for_each for_every per grouped_by group_by broken_down_by break_down_by across split_by in_each of_each by_each in_every by_different for_different within_each from_each"),
    (_K.BY, "", "by in_terms_of ranked_by sorted_by sort_by order_by according_to based_on measured_by in_order_of"),
    (_K.TREND, "", "趋势 走势 变化 变化趋势 变化情况 走势图 趋势图 变动 trend over_time trends change_over_time development evolve evolution progression"),
    (_K.SHARE, "", "占比 比例 百分比 占 份额 比重 占比情况 占总 占全部 百分之几 share percentage percent proportion percentage_of share_of proportion_of fraction what_percentage_of"),
    (_K.GROWTH, "yoy", "同比 同比增长 同比增长率 同比增速 同比变化 同比增幅 year_over_year yoy year_on_year year-over-year year-on-year yoy_growth year_over_year_growth year-over-year_growth year-on-year_growth"),
    (_K.GROWTH, "mom", "环比 环比增长 环比增长率 环比增速 环比变化 环比增幅 month_over_month mom month_on_month month-over-month month-on-month quarter_over_quarter period_over_period month-over-month_growth mom_growth"),
    (_K.GROWTH, "", "增长 增长率 增幅 增速 增加 增长了 增减 涨幅 涨了 增长多少 增加了 增长了多少 增长多少百分比 growth growth_rate increase grow grew grown increased growth_of rate_of_growth change"),
    (_K.VERSUS, "", "对比 相比 比较 比 较 vs versus compare compared_with compared_to compared comparison against than_in than comparing"),
    (_K.COMPARE, ">", "超过 大于 高于 多于 超出 高过 不止 晚于 more_than over greater_than above exceed exceeding larger_than higher_than bigger_than worth_more_than worth_over greater later_than longer_than older_than > in_excess_of at_more_than more_expensive_than"),
    (_K.COMPARE, ">=", "至少 不低于 不少于 大于等于 大于或等于 不小于 达到 满 at_least no_less_than not_less_than no_fewer_than minimum_of >= ≥ from_at_least greater_than_or_equal_to"),
    (_K.COMPARE, "<", "低于 少于 小于 不足 不到 不满 低过 早于 less_than under below fewer_than lower_than smaller_than cheaper_than younger_than earlier_than < shorter_than"),
    (_K.COMPARE, "<=", "至多 不超过 不高于 不多于 小于等于 小于或等于 不大于 最多为 at_most no_more_than not_more_than up_to <= ≤ not_exceeding less_than_or_equal_to"),
    (_K.COMPARE, "=", "等于 正好 恰好 刚好 equal_to equals equal exactly = 为 是"),
    (_K.COMPARE, "<>", "不等于 不是 不为 different_from not_equal_to <> !="),
    (_K.BOUND, ">=", "以上 及以上 或以上 或更多 起 or_more or_above and_above or_higher or_over and_up and_over and_more"),
    (_K.BOUND, "<", "以下 之下 以内 or_below"),
    (_K.BOUND, "<=", "及以下 或以下 或更少 or_less or_fewer or_lower"),
    (_K.BETWEEN, "", "between 介于 在_之间 之间 ranging_from"),
    (_K.NOT, "", "不 非 不含 不包括 除 除了 除去 排除 剔除 以外 之外 not excluding except exclude other_than is_not isn't aren't not_in are_not not_including apart_from except_for non"),
    (_K.WITHOUT, "", "没有 没 未 从未 从来没有 从没 无 尚未 还没 还没有 未曾 不曾 没有过 从来没 without never no have_no has_no with_no have_not has_not haven't hasn't have_never has_never did_not didn't do_not don't does_not doesn't do_not_have does_not_have don't_have doesn't_have without_any lack lacking have_never_been has_never_been have_not_been has_not_been were_never was_never never_been had_no"),
    (_K.HAVING, "", "有过 至少有一个 至少一次 曾经 曾 过 with having who_have that_have which_have have_at_least_one at_least_one with_at_least_one ever"),
    (_K.WHICH, "", "哪个 哪位 哪家 哪一个 哪种 哪类 哪款 哪一家 哪一位 哪一种 哪些 哪几个 哪几家 哪 哪一 哪间 哪本 哪名 which which_one who whose whom 谁 是谁 which_ones"),
    (_K.DISTINCT, "", "去重 不重复 唯一 distinct unique different various"),
    (_K.AND, "", "but 和 与 以及 及 跟 同 并且 且 而且 还有 并 、 & and as_well_as along_with together_with plus both"),
    (_K.OR, "", "或 或者 还是 or either"),
    (_K.COMMA, "", ", ， 、 ； ;"),
    (_K.OF, "", "的 of 's"),
    (_K.NULL, "", "为空 是空 空值 空的 是空的 缺失 未填写 没有填写 is_null null missing is_missing is_empty not_set not_recorded not_specified"),
    (_K.SORT, "desc", "降序 从高到低 从大到小 从多到少 倒序 由高到低 由大到小 由多到少 排名 排行 排行榜 排序 descending in_descending_order_of descending_order_of desc from_high_to_low high_to_low highest_first from_highest_to_lowest in_descending_order ranking rank ranked sort sorted order_from_highest_to_lowest largest_first from_largest_to_smallest"),
    (_K.SORT, "asc", "升序 从低到高 从小到大 从少到多 由低到高 由小到大 ascending in_ascending_order_of ascending_order_of asc low_to_high lowest_first from_lowest_to_highest in_ascending_order from_low_to_high"),
    (_K.RATE, "", "率 rate"),
    (_K.LIKE, "contains", "包含 含有 含 带有 contain containing include including that_contain whose_name_contains"),
    (_K.LIKE, "starts", "开头 以_开头 start_with starting_with begin_with"),
    (_K.GRAIN, "day", "天 日 日期 day date"),
    (_K.GRAIN, "week", "周 星期 个星期 week"),
    (_K.GRAIN, "month", "月 月份 个月 month"),
    (_K.GRAIN, "quarter", "季度 个季度 季 quarter"),
    (_K.GRAIN, "year", "年 年份 年度 year"),
    (_K.PERIODIC, "day", "每天 每日 按天 按日 逐日 日均 daily per_day by_day each_day day_by_day every_day"),
    (_K.PERIODIC, "week", "每周 按周 逐周 每个星期 每星期 周度 每一周 各周 weekly per_week by_week each_week week_by_week every_week"),
    (_K.PERIODIC, "month", "每月 每个月 按月 逐月 月度 各月 各个月 各月份 按月份 分月 每月份 每一个月 monthly per_month by_month each_month month_by_month every_month for_each_month"),
    (_K.PERIODIC, "quarter", "每季度 每个季度 按季度 按季 逐季 各季度 各个季度 分季度 quarterly per_quarter by_quarter each_quarter quarter_by_quarter every_quarter for_each_quarter"),
    (_K.PERIODIC, "year", "每年 按年 按年份 按年度 逐年 各年 历年 各年份 各年度 每一年 分年 yearly annually per_year by_year each_year year_by_year every_year for_each_year"),
    (_K.VERB, "generic", "卖 卖过 卖出去 卖出 卖掉 售出 销售 购买 买 买过 购买过 购买了 买了 卖了 采购过 产生 带来 贡献 拥有 属于 隶属 隶属于 位于 来自 所在 所属 工作 做 完成了 负责 担任 参与 参加 参与了 参加了 参加过 参与过 管理 对应 涉及 使用 采用 处理 经手 签下 sell buy purchase generate bring contribute own belong_to belong locate based work make place bring_in handle manage responsible_for be_responsible_for participate_in take_part_in involve use come_from live_in live assign associate associated_with related_to hold serve bear give get receive run attend spend place_by made_by have_been sold_by lead work_on work_in work_for come come_as"),
    (_K.VERB, "", "下单 下过单 下过订单 下了单 下的单 订购 退货 退过货 被退货 被退过货 退回 被退回 入职 离职 注册 发货 付款 支付 签约 签订 开始 结束 启动 完工 创建 出生 成立 上市 上架 停产 下架 盘点 发布 出版 入学 就诊 借阅 借 归还 还 到货 送达 取消 加入 入会 预订 入住 挂号 住院 出院 毕业 order return hire join resign leave register sign_up ship pay sign start begin end finish create add born found establish launch release discontinue count publish borrow enroll cancel deliver open visit check_in check_out admit discharge graduate dispatch recruit expire book quit depart retire"),
    (_K.VERB, "new", "新 新增 新增加 新增的 新签 新入职 新注册 new newly newly_added"),
    (_K.STOP, "", "请 请问 请帮我 帮我 帮忙 给我 我想知道 我想看 我想 想知道 我要 我要看 想看 查询 查 查一下 查看 查找 看看 看一下 看 统计 统计一下 计算 算一下 算 显示 展示 列出 列一下 列举 找出 找到 找 输出 返回 告诉我 告诉 说说 分析 分析一下 了解 一下 汇总 给出 分布 分布情况 情况 明细情况 信息 数据 记录 列表 清单 名单 详情 详细信息 基本信息 "
        "了 是 是多少 在 于 里 中 内 里面 当中 其中 呢 吗 吧 啊 呀 嘛 么 所有 所有的 全部 全体 全 共 一共 共有 有 都 都有 都是 都有哪些 有哪些 哪些 是什么 什么 有什么 分别 分别是 分别是多少 各是多少 多大 如何 怎么样 怎样 怎么 我们 我们的 公司 我司 本公司 目前 现在 当前 如今 截至目前 至今 现有 已经 已 了多少 要 会 能 可以 应该 这 这些 那 那些 该 其 它 它们 他 他们 她 她们 之 从 到 对 对于 把 将 被 由 为 以 以及其 个 名 位 家 条 笔 件 种 款 台 次 份 只 张 间 本 辆 元 块 块钱 人民币 左右 排在 排 排列 列 进行 按照 的是 期间 时 时候 一个 一 些 ？ ? 。 . ！ ! ： : （ ） ( ) “ ” \" ' ‘ ’ 《 》 / - — · … 名次 位列 类 通过 总体 整体 "
        "a an the please show me tell give list display find get what is are was were be been being do does did have has had there in on at for to from into among out all our my your their its we i you they it he she his her them this that these those that_are who_are which_are that_is which_is want to_know know see look_up can could would will us how much so far currently current now any some also then just only times overall_figure across_all across_all_the substring the_word the_phrase the_letter return_the return_all return_each return_every return_both return_only list_the list_all about records record data information info details detail each_of who_is what_is what_are return_me along respectively as per_se made up whole entire company company's let let's view report summary summarise summarize distribution breakdown break down yuan rmb cny dollars usd each_one where when if such list_of most_recently_used value_of during within through throughout placed made_up recorded exist existing belonging named_as called_as got ones one_of those_who their_own"),
    (_K.STOP, "greeting", "你好 您好 谢谢 hello hi hey thanks thank_you"),
)  # fmt: skip

SUPERLATIVES: tuple[tuple[str, str, str], ...] = (
    ("desc", "common", "最常见 最频繁 最普遍 most_common most_frequent commonest most_often"),
    ("asc", "common", "最少见 最不常见 least_common least_frequent"),
    ("desc", "price", "最贵 最昂贵 most_expensive priciest costliest"),
    ("asc", "price", "最便宜 最实惠 cheapest least_expensive"),
    ("desc", "date", "最新 最近 最晚 最后 最迟 newest latest most_recent last_placed last"),
    ("asc", "date", "最早 最先 earliest oldest_in_service first_ever first"),
    ("asc", "birth", "年龄最大 最年长 年纪最大 oldest eldest"),
    ("desc", "birth", "年龄最小 最年轻 年纪最小 youngest"),
    ("desc", "units", "卖得最好 最畅销 畅销 卖得最多 最好卖 best_selling best-selling top_selling top-selling most_popular bestselling most_sold sold_the_most sell_best sold_best"),
    ("asc", "units", "卖得最差 最滞销 滞销 卖得最少 worst_selling worst-selling least_popular sold_the_least"),
    ("desc", "salary", "收入最高 highest_paid best_paid highest_earning earn_the_most"),
    ("asc", "salary", "收入最低 lowest_paid worst_paid"),
    ("asc", "hire", "工龄最长 资历最老 司龄最长 入职最久 longest_serving longest-serving"),
    ("desc", "hire", "工龄最短"),
    ("desc", "spend", "消费最高 消费最多 花钱最多 spent_the_most spend_the_most spending_the_most highest_spending biggest_spending bought_the_most"),
)  # fmt: skip
"""Direction, the concept of the column that is implied, words."""

CONCEPTS: dict[str, str] = {
    "price": "list price,标价,price,unit price,价格,单价,售价,cost",
    "birth": "birth,出生,birthday,生日,age,年龄",
    "units": "units sold",
    "salary": "salary",
    "hire": "hire",
    "spend": "revenue",
}


@lru_cache(maxsize=1)
def words() -> Mapping[str, Word]:
    """From the key of a word to its meaning; where a word is listed twice, the first listing counts."""
    found: dict[str, Word] = {}
    for direction, concept, listed in SUPERLATIVES:
        for word in listed.split():
            found.setdefault(_key(word), Word(Kind.MOST, direction, concept))
    for kind, payload, listed in WORDS:
        for word in listed.split():
            found.setdefault(_key(word), Word(kind, payload))
    return found


@lru_cache(maxsize=1)
def longest() -> int:
    """How many characters the longest key has: no longer run need be looked up."""
    return max(len(word) for word in words())


def _key(word: str) -> str:
    spaced = word.replace("_", " ")
    return key(spaced) or spaced
