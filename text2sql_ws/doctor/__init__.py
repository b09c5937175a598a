"""`text2sql-ws doctor`: what is wrong with an installation, and what to do about it.

Each check looks at one thing and yields findings (`findings.py`); none changes anything, though each model is
asked for one token. The one rule: what a finding says may be shown to anyone, so it holds no secret.
"""

from text2sql_ws.doctor.visit import locale_of, visit

__all__ = ["locale_of", "visit"]
