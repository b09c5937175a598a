"""Every sentence that the offline model says to a person, in both languages. It is model output, so it
lives here.

`say(key, locale, words=…)` fills in the words a sentence is about.
"""

from typing import Literal

Locale = Literal["zh", "en"]


def say(name: str, locale: Locale, /, **values: object) -> str:
    """The sentence `name` with its values; an unknown one is a `KeyError`."""
    zh, en = SENTENCES[name]
    return (zh if locale == "zh" else en).format(**values)


def quoted(words: tuple[str, ...], locale: Locale) -> str:
    """Words in that language's quotes, parted as it parts them."""
    shown = [word.strip()[:40] for word in dict.fromkeys(words) if word.strip()][:5]
    return (
        "、".join(f"“{word}”" for word in shown)
        if locale == "zh"
        else ", ".join(f"“{word}”" for word in shown)
    )


SENTENCES: dict[str, tuple[str, str]] = {
    # --- what it is -------------------------------------------------------------------------------
    "greeting": (
        "你好！我是内置的离线模型：按规则把问题翻译成 SQL，不需要联网，也不需要密钥。{suggestion}",
        "Hello! I am the built-in offline model: I turn questions into SQL by rule, without a network or a key. {suggestion}",
    ),
    "no_schema": (
        "我是内置的离线模型，只会一件事：根据数据库的表结构，把问题翻译成 SQL。"
        "请在系统提示里给出 <database dialect=\"…\">，其中写 CREATE TABLE 语句，再用 <today> 给出今天的日期。",
        "I am the built-in offline model, and I do one thing: turn questions into SQL for a database that I am shown. "
        "Put CREATE TABLE statements in a <database dialect=\"…\"> tag of the system prompt, and today's date in <today>.",
    ),
    # --- talk without a database ------------------------------------------------------------------
    "talk.hello": (
        "你好！我是内置的离线模型。选择一个数据源提问，我会把问题翻译成 SQL；闲聊我只会几句。",
        "Hello! I am the built-in offline model. Choose a data source and ask: I turn questions into SQL. Of small talk I know only a few words.",
    ),
    "talk.how": ("我很好，谢谢！有什么数据想查的吗？", "I am fine, thank you! Is there any data you would like to ask about?"),
    "talk.thanks": ("不客气！", "You are welcome!"),
    "talk.bye": ("再见！", "Goodbye!"),
    "talk.who": (
        "我是内置的离线模型：按规则工作，不需要联网，也不需要密钥。选择一个数据源提问，我会把问题翻译成 SQL 并解释结果；"
        "要和大模型自由对话，请在配置的 [llm.providers] 里接入一个模型。",
        "I am the built-in offline model: I work by rule, without a network or a key. Choose a data source and ask, and I turn "
        "the question into SQL and explain the result; to converse freely, have a model configured in [llm.providers].",
    ),
    "talk.today": ("今天是 {today}。", "Today is {today}."),
    "talk.before": ("您上一句是：“{question}”", "Before this you said: “{question}”"),
    "talk.nothing_before": ("这是这次对话的第一句。", "This is the first thing you said in this conversation."),
    "talk.beyond": (
        "这个问题超出了内置离线模型的能力：它按规则工作，只会查询数据和简单的问候。选择一个数据源（或 mode 为 text2sql）可以直接问数据；"
        "要自由对话，请在配置的 [llm.providers] 里接入一个大模型。",
        "That is beyond the built-in offline model: it works by rule, and knows how to query data and a few pleasantries. Choose a "
        "data source (or the mode text2sql) to ask about data; to converse freely, have a model configured in [llm.providers].",
    ),
    "no_tables": ("提示中没有我能读懂的表。", "There is no table in the prompt that I can read."),
    # --- what was not understood ------------------------------------------------------------------
    "unread": (
        "我没有看懂{words}，所以没有生成 SQL，以免答错。{suggestion}",
        "I did not understand {words}, so I wrote no SQL rather than answer wrongly. {suggestion}",
    ),
    "nothing": (
        "我没有看出要查什么：问题里没有提到任何表、字段或数值。{suggestion}",
        "I could not tell what to look up: the question names no table, column or figure. {suggestion}",
    ),
    "unplaced": (
        "我不知道{words}应该对应到哪个字段。{suggestion}",
        "I do not know which column {words} belongs to. {suggestion}",
    ),
    "unrelated": (
        "我找不到能把{words}联系起来、又不会重复计数的办法。{suggestion}",
        "I found no way to relate {words} to the rest without counting rows twice. {suggestion}",
    ),
    "no_date": (
        "我不知道{words}指的是哪个日期字段：请说明是哪件事的日期，例如“注册”或“开始”。{suggestion}",
        "I do not know which date {words} is about: please say which event is meant, such as “registered” or “started”. {suggestion}",
    ),
    "not_additive": (
        "{words}不能直接求和：请说明要平均、最高还是最低，或者先说明是谁的。{suggestion}",
        "{words} cannot simply be added up: please say average, highest or lowest, or of what. {suggestion}",
    ),
    "each_or_total": (
        "您要的是每个{words}分别的数字，还是全部的合计？请说“每个”或者“总”。",
        "Do you want the figure for each of {words}, or the total of all? Please say “for each” or “total”.",
    ),
    "by_what": (
        "我不知道按什么来比较：请说明指标，例如数量或金额。{suggestion}",
        "I do not know what to rank by: please name a measure, such as a number or an amount. {suggestion}",
    ),
    "share_of_what": (
        "我不知道要算谁的占比：请说明条件，或者用“各…的占比”。{suggestion}",
        "I do not know whose share is meant: please give a condition, or ask for the share by something. {suggestion}",
    ),
    "compare_what": (
        "我不知道要比较哪两个时间段：例如“今年和去年”，或“上个月环比”。{suggestion}",
        "I do not know which two periods to compare: say, for example, “this year and last year”. {suggestion}",
    ),
    "suggest": ("可以换一种问法，例如：{questions}", "You could ask, for example: {questions}"),
    "ask_count": ("一共有多少个{thing}？", "How many {thing} are there?"),
    "ask_group": ("各{group}有多少个{thing}？", "How many {thing} by {group}?"),
    "ask_top": ("{measure}最高的5个{thing}", "Top 5 {thing} by {measure}"),
    "ask_sum": ("今年每个月的{measure}", "{measure} by month this year"),
    # --- how it was read --------------------------------------------------------------------------
    "statement": ("按规则生成的 SQL：", "SQL written by rule:"),
    "read_as": ("读作：", "Read as:"),
    "follow_up": ("接着上一个问题：{question}", "Following the question before: {question}"),
    "note.measure": ("指标：{value}", "measure: {value}"),
    "note.group": ("分组：{value}", "by: {value}"),
    "note.filter": ("条件：{value}", "filter: {value}"),
    "note.period": ("时间：{value}", "period: {value}"),
    "note.order": ("排序：{value}", "order: {value}"),
    "note.show": ("显示：{value}", "show: {value}"),
    "note.compare": ("对比：{value}", "compare: {value}"),
    "note.tables": ("表：{value}", "tables: {value}"),
    "not_read": ("没有读懂：{words}", "not understood: {words}"),
    # --- repairs ----------------------------------------------------------------------------------
    "repaired": ("已把 {before} 改为 {after}。", "Changed {before} to {after}."),
    "cannot_repair": (
        "我按规则没能修好这条语句。数据库的错误是：{error}",
        "By rule alone I could not repair this statement. The database said: {error}",
    ),
    # --- explanations -----------------------------------------------------------------------------
    "explain.none": ("没有符合条件的数据。", "No data matches."),
    "explain.one": ("{pairs}。", "{pairs}."),
    "explain.null": ("没有符合条件的数据，结果为空值。", "No data matches: the result is NULL."),
    "explain.pair": ("{name}为 {value}", "{name} is {value}"),
    "explain.rows": ("共有 {count} 行结果。", "There are {count} rows."),
    "explain.more": ("结果被截断，只有前 {count} 行。", "The result was cut off; these are the first {count} rows."),
    "explain.listed": ("共 {count} 个：{names}。", "{count} in all: {names}."),
    "explain.listed_more": ("共 {count} 个，前几个是 {names}。", "{count} in all; the first are {names}."),
    "explain.extremes": (
        "在 {count} 项中，{name}最高的是{top}（{high}），最低的是{bottom}（{low}）。",
        "Of {count}, {top} has the highest {name} ({high}) and {bottom} the lowest ({low}).",
    ),
    "explain.head_extremes": (
        "在显示的前 {count} 项中，{name}最高的是{top}（{high}），最低的是{bottom}（{low}）。",
        "Of the first {count} shown, {top} has the highest {name} ({high}) and {bottom} the lowest ({low}).",
    ),
    "explain.total": ("合计 {total}。", "Together they make {total}."),
    "explain.trend": (
        "从{first}的 {start} 到{last}的 {end}，{name}{change}；最高是{top}的 {high}，最低是{bottom}的 {low}。",
        "From {start} in {first} to {end} in {last}, {name} {change}; the highest was {high} in {top}, the lowest {low} in {bottom}.",
    ),
    "explain.up": ("上升了 {percent}%", "rose by {percent}%"),
    "explain.down": ("下降了 {percent}%", "fell by {percent}%"),
    "explain.level": ("没有变化", "did not change"),
    "explain.moved": ("有变化", "changed"),
    "explain.found": ("这些数字来自{tables}。", "The figures come from {tables}."),
    "explain.filtered": ("这些数字来自{tables}，条件是{filters}。", "The figures come from {tables}, where {filters}."),
}  # fmt: skip
