"""The demo database: a Chinese sales company, made deterministically at first start.

`ensure_demo(folder, today)` in `build` is the way in. Which words and figures the company is made of stands
in `company`, `market` and `names`; how they become rows in `staff`, `customers`, `demand`, `trade`,
`aftermath` and `endeavours`.
"""

from text2sql_ws.demo.build import build_demo, ensure_demo
from text2sql_ws.demo.examples import DEMO_ABBREVIATIONS, DEMO_EXAMPLES

__all__ = ["DEMO_ABBREVIATIONS", "DEMO_EXAMPLES", "build_demo", "ensure_demo"]
