"""How periods are written, in Chinese and English, as patterns. Data only: what they mean is in `dates.py`.

Each alternative of `PERIOD` is a group of its own, and the first that matches counts.
"""

import re

from text2sql_ws.llm.offline.tokens import listed

MONTH_NAMES = listed("january february march april may june july august september october november december")
SMALL = {
    word: n
    for n, word in enumerate(listed("one two three four five six seven eight nine ten eleven twelve"), 1)
}

_MONTH = "|".join((*MONTH_NAMES, *(name[:3] for name in MONTH_NAMES), "sept"))
_ZH_NUMBER = r"(?:\d{1,4}|[一二两三四五六七八九十百]+)"
_EN_NUMBER = rf"(?:\d{{1,4}}|{'|'.join(SMALL)})"
_YEAR = r"(?:19|20)\d\d"
_ZH_RECENT = "(?:最近的?|近|过去的?)"
_ZH_WITHIN = "(?:内|以内|之内|里|来|以来|间)?"
_ZH_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s*月份?"
_ZH_DAY = r"(?:\s*(?:[12]\d|3[01]|0?[1-9])\s*[日号])?"
_EN_ORDINAL = "(?:first|second|third|fourth|1st|2nd|3rd|4th)"
_EN_PART = rf"q[1-4]|h[12]|{_EN_ORDINAL}\s+(?:quarter|half)"
_EN_NEAR = r"(?:this|last|previous|current|past|the\s+current|the\s+previous)"
_NO_LETTER_BEFORE, _NO_LETTER_AFTER = "(?<![A-Za-z])", "(?![A-Za-z])"

_ISO = (
    rf"(?P<iso>(?<!\d)(?P<iy>{_YEAR})[-/.](?P<im>1[0-2]|0?[1-9])(?:[-/.](?P<id>3[01]|[12]\d|0?[1-9]))?(?!\d))"
)
_ZH_HALF_YEAR = rf"{_ZH_RECENT}\s*(?P<half_year>半年){_ZH_WITHIN}"
_ZH_LAST = (
    rf"{_ZH_RECENT}\s*(?P<zh_last>{_ZH_NUMBER})\s*个?\s*"
    rf"(?P<zh_unit>天|日|周|星期|礼拜|月|季度|年){_ZH_WITHIN}"
)
_ZH_RELATIVE = (
    "(?P<zh_rel>今天|今日|昨天|昨日|前天"
    "|(?:本|这一?|这个|上一?|上一?个|当|上上个?)(?:周|星期|礼拜|月|季度|季)(?:度|份)?)"
)
_ZH_TO_DATE = "(?P<zh_ytd>年初至今|今年至今|今年以来|年初以来)"
_ZH_YEAR = (
    rf"(?P<zh_year>(?<!\d){_YEAR}\s*年度?|今年度?|本年度?|去年度?|上一?年度?|前年|(?<!\d){_YEAR}(?=\s*[第上下Qq]))"
    rf"(?:\s*的?\s*(?P<zh_sub>[上下]半年|第?\s*[一二三四1-4]\s*季度?|[Qq]\s*[1-4]|{_ZH_MONTH}{_ZH_DAY}|同期))?"
)
_ZH_PART = (
    r"(?P<zh_part>[上下]半年|第\s*[一二三四1-4]\s*季度?|[一二三四]季度|[Qq][1-4](?![A-Za-z0-9])"
    rf"|(?<![\d个近去前]){_ZH_MONTH}(?!个){_ZH_DAY})"
    rf"(?:\s*,?\s*(?:of\s+|in\s+)?(?P<zh_part_year>{_YEAR}(?!\d)|last\s+year|this\s+year))?"
)
_EN_RELATIVE = (
    rf"{_NO_LETTER_BEFORE}(?P<en_rel>today|yesterday|{_EN_NEAR}\s+(?:week|month|quarter|year)(?:\s+to\s+date)?"
    r"|(?:year|month|quarter)\s+to\s+date|ytd|mtd|qtd)"
    rf"(?:(?:'s|’s)?\s+(?P<rel_sub>{_EN_PART}|(?:in\s+)?(?:{_MONTH})))?{_NO_LETTER_AFTER}"
)
_EN_LAST = (
    rf"{_NO_LETTER_BEFORE}(?:the\s+)?(?:last|past|previous|recent|most\s+recent|latest)\s+"
    rf"(?P<en_last>{_EN_NUMBER})\s+(?P<en_unit>day|week|month|quarter|year)s?{_NO_LETTER_AFTER}"
)
_EN_PART_OF_YEAR = (
    rf"{_NO_LETTER_BEFORE}(?P<en_part>q[1-4]|h[12]"
    rf"|(?:the\s+)?(?:{_EN_ORDINAL}|last)\s+(?:quarter|half)(?:\s+year)?"
    rf"|(?:{_MONTH})\.?(?:\s+\d{{1,2}}(?:st|nd|rd|th)?(?!\d))?)"
    rf"(?:\s*,?\s*(?:of\s+|in\s+)?(?P<en_part_year>{_YEAR}(?!\d)|(?:last|this|(?:the\s+)?previous)\s+year))?"
    rf"{_NO_LETTER_AFTER}"
)
_EN_YEAR = (
    rf"(?<![\d.,-])(?P<en_year>{_YEAR})"
    rf"(?:(?:'s)?\s*,?\s*(?P<en_sub>{_EN_PART}|{_MONTH}){_NO_LETTER_AFTER})?"
    rf"(?![\d,.]\d|\d|\s*[%万亿千元件个]|\s+(?:and|to)\s+(?!{_YEAR}(?!\d))\d)"
)

PERIOD = re.compile(
    "|".join(
        (
            _ISO, _ZH_HALF_YEAR, _ZH_LAST, _ZH_RELATIVE, _ZH_TO_DATE, _ZH_YEAR, _ZH_PART,
            _EN_RELATIVE, _EN_LAST, _EN_PART_OF_YEAR, _EN_YEAR,
        )
    ),
    re.IGNORECASE,
)  # fmt: skip

BEFORE = {
    "since": "since", "from": "since", "自从": "since", "自": "since", "从": "since", "after": "after",
    "before": "until", "until": "until", "till": "until", "prior to": "until", "up to": "until",
    "by": "", "through": "",
}  # fmt: skip
"""Words before a period, and whether it then opens, ends, or begins after it; "" leaves it as it is."""

BEFORE_PERIOD = re.compile(
    rf"(?:{_NO_LETTER_BEFORE}(?:{'|'.join(w for w in BEFORE if w.isascii())})|自从|自|从)\s*(?:the\s+)?$",
    re.I,
)
AFTER_PERIOD = re.compile(
    r"\s*(?:(?P<since>以来|起|开始|至今|onwards?|and later)|(?P<after>之后|以后|后)|(?P<until>之前|以前|前))"
)
JOINED = re.compile(r"\s*(?:到|至|~|～|—+|–|-|to|through|until|till)\s*(?:the\s+)?", re.I)
BETWEEN = re.compile(r"(?:between|在|介于)\s*$", re.I)
OPENED = re.compile(rf"(?:{_NO_LETTER_BEFORE}(?:from|between)|自从|自|从|在|介于)\s*(?:the\s+)?$", re.I)
AND = re.compile(r"\s*(?:and|和|与|到|至)\s*", re.I)
COMPARED = re.compile(
    r"(?:than|over|above|under|below|at least|at most|exceed\w*|[$¥￥>=<]"
    rf"|(?<![\d.,])(?!{_YEAR}(?!\d))[\d.,]+\s*(?:and|to|-|~))\s*$",
    re.I,
)
"""What stands before a number that looks like a year and is none."""

MONTH_TO_MONTH = re.compile(
    r"(?<!\d)(1[0-2]|[1-9]|[一二三四五六七八九十])(月份?)?\s*(到|至|-|~|—)\s*"
    r"(?=(?:1[0-2]|[1-9]|[一二三四五六七八九十])\s*月)"
)
MONTHS_OF_YEAR = re.compile(
    rf"((?:{_MONTH}))\s+(?:and|to|through|-|–)\s+(?=(?:{_MONTH})\.?\s+(?:of\s+)?({_YEAR}))", re.I
)
