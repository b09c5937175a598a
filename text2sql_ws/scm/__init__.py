"""Sessions of `scm`: several connections of one user, conversations with a model or a database, presence."""

from text2sql_ws.scm.errands import Errands
from text2sql_ws.scm.exchange import Desk
from text2sql_ws.scm.lobby import Lobby
from text2sql_ws.scm.session import Premises

__all__ = ["Desk", "Errands", "Lobby", "Premises"]
