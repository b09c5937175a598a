"""Tokens (`wire.md` 1.3): who somebody is and until when, by a JWT that somebody else made.

Nothing here knows a request: `web/` finds the token, this says whose it is. The one rule: a token is as good
as a password, so none is ever logged, quoted or kept.
"""

from text2sql_ws.clock import Clock
from text2sql_ws.settings import Auth
from text2sql_ws.tokens.keys import open_keys
from text2sql_ws.tokens.verifier import Verifier


def open_verifier(auth: Auth, clock: Clock) -> Verifier | None:
    """What checks tokens under these settings; `None` where none are asked for.

    Reads the public key's file; fetches nothing yet. Raises `Misconfigured` with all that is wrong.
    """
    if auth.mode == "none":
        return None
    return Verifier(open_keys(auth, clock), auth.audience, auth.issuer, clock)
