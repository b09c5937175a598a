"""What a name or a comment of the schema says: its words, its label, the values and states it lists. Pure
text.

A comment such as "订单状态：1=已完成、0=已取消" has the label 订单状态 and two coded values;
"离职日期，在职员工 为空" says what NULL means; "订单金额（元），即销售额" gives a second label.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from text2sql_ws.llm.offline.glossary import synonyms
from text2sql_ws.llm.offline.tokens import listed

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[\u3400-\u9fff]+|\d+")
_ABBREVIATIONS = (
    "dept=department emp=employee cust=customer prod=product qty=quantity amt=amount "
    "cat=category desc=description addr=address mgr=manager num=number no=number dob=birth "
    "wh=warehouse inv=inventory acct=account txn=transaction trans=transaction dt=date "
    "ts=time proj=project org=organization cnt=count avg=average yr=year mon=month "
    "pct=percent stu=student tel=phone curr=current st=status ord=order sup=supplier "
    "loc=location descr=description"
)
_SHORT: Mapping[str, str] = {
    short: word for short, _, word in (pair.partition("=") for pair in listed(_ABBREVIATIONS))
}
_PREFIXES = {"t", "tb", "tbl", "dim", "fact", "fct", "ods", "dwd", "dws", "ads", "sys", "biz"}
_BRACKETS = re.compile(r"[（(\[【][^）)\]】]*[）)\]】]")
_TAIL = re.compile(r"[：:，,；;。.、\n]|\s[-–—]\s| \(|（")
_SECOND = re.compile(
    r"(?:即|也就是|又称|又叫|俗称|亦称|简称|i\.e\.|aka|also called|also known as|that is,?|=\s)"
    r"\s*([^，,。；;（(、]+)",
    re.I,
)
_CODED = re.compile(
    r"(?<![\w\u3400-\u9fff])([A-Za-z0-9]{1,12})\s*[=:：\-－]\s*([^\s，,；;、/|（）()=：:]+(?: [a-z]+)*)"
)
_LISTED = re.compile(r"[：:]\s*(.+)$")
_NULL_ZH = re.compile(
    r"([\u3400-\u9fff]{1,10}?)(?:时|则|的)?(?:为空|为NULL|是空)"
    r"|(?:空|NULL|null)(?:值)?(?:表示|代表|为|即|=|：)([\u3400-\u9fff]{1,10})"
)
_NULL_EN = re.compile(
    r"(?:null|empty|blank)\s+(?:if|when|while|for|means|=|as long as|until)\s+"
    r"(?:it is |they are |the \w+ is |still |not yet |is |are )*([a-z][a-z ]{2,30})",
    re.I,
)
GENERIC_ENDS_ZH = (
    "明细表",
    "信息表",
    "记录表",
    "信息",
    "记录",
    "名称",
    "全称",
    "姓名",
    "编号",
    "编码",
    "日期",
    "时间",
    "表",
    "主表",
    "明细",
    "情况",
    "档案",
    "资料",
    "清单",
    "数据",
    "月份",
    "代码",
    "ID",
    "id",
)
_STARTS_ZH = (
    "所属",
    "所在",
    "当前",
    "负责的",
    "负责",
    "对应",
    "关联",
    "原",
    "下单",
    "委托",
    "主管",
    "归属",
    "是否",
    "直属",
)
GENERIC_ENDS_EN = frozenset(
    listed(
        "id name code number date time day no key at on datetime timestamp type info record list "
        "detail flag uid guid"
    )
)


@dataclass(frozen=True, slots=True)
class Remark:
    """What a comment says. `codes` are (literal, meaning), `states` the words for NULL."""

    label: str
    others: tuple[str, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    listed: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


def name_words(name: str) -> tuple[str, ...]:
    """`tblOrderItems` -> order, items; `dept_name` -> department, name. Chinese names stay whole."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if len(words) > 1 and words[0] in _PREFIXES:
        words = words[1:]
    return tuple(_SHORT.get(word, word) for word in words)


def read_remark(comment: str) -> Remark:
    """A comment taken apart; an empty one has an empty label."""
    comment = " ".join(comment.split())[:400]
    bare = _BRACKETS.sub("", comment)
    label = _TAIL.split(bare, maxsplit=1)[0].strip(" -–—")
    return Remark(
        label=label if len(label) <= 40 and label.count(" ") <= 3 else "",
        others=tuple(found.strip() for found in _SECOND.findall(bare)),
        codes=tuple(_CODED.findall(comment)),
        listed=_listed(bare),
        states=tuple(_states(comment)),
    )


def _listed(comment: str) -> tuple[str, ...]:
    """The values that a comment lists behind its label: "客户等级：战略客户、重点客户、普通客户"."""
    found = _LISTED.search(comment)
    if not found:
        return ()
    items = [item.strip() for item in re.split(r"[、/|,，]|\s+or\s+", found[1].split("。")[0])]
    items = [item.removesuffix("等") for item in items if item]
    plain = all(len(item) <= 12 and not re.search(r"[=：:；;为是的]", item) for item in items)
    return tuple(items) if len(items) >= 2 and plain else ()


def _states(comment: str) -> Iterable[str]:
    for before, after in _NULL_ZH.findall(comment):
        yield before or after
    for words in _NULL_EN.findall(comment):
        yield words.strip()


def segments(label: str) -> list[str]:
    """A Chinese label cut into common words, as few pieces and as few unknown characters as can be."""
    known = synonyms()
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * len(label)
    for end in range(1, len(label) + 1):
        for start in range(max(end - 6, 0), end):
            length = end - start
            cost = best[start][0] + (1.0 if length > 1 and label[start:end] in known else 0.5 + 10.0 * length)
            if cost < best[end][0]:
                best[end] = (cost, start)
    parts: list[str] = []
    end = len(label)
    while end:
        parts.append(label[best[end][1] : end])
        end = best[end][1]
    return parts[::-1]


def cores(label: str) -> list[str]:
    """A Chinese label without what says little: 所属部门 -> 部门, 区域名称 -> 区域; never shorter than 2."""
    found: list[str] = []
    for start in ("", *_STARTS_ZH):
        if not label.startswith(start):
            continue
        rest = label.removeprefix(start).removeprefix("的")
        for end in ("", *GENERIC_ENDS_ZH):
            core = rest.removesuffix(end) if rest.endswith(end) else ""
            if len(core) >= 2 and core != label and core not in found:
                found.append(core)
    return found
