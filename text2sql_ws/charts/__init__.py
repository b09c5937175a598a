"""Which chart says a result best, by rule, as a Vega-Lite specification without data. Pure.

`fields.py` decides what each column is, `rules.py` which chart fits (`RULES`), `vega_lite.py` writes it down.
No model is asked, and no rule may mislead: where none fits, the answer is the table.
"""

from text2sql_ws.charts.rules import chart_for

__all__ = ["chart_for"]
