"""The command line: which settings file, and what goes over it.

`text2sql-ws` serves; `text2sql-ws doctor` says what is wrong with an installation, and what to do.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from text2sql_ws.listening import passed_address
from text2sql_ws.settings import CONFIG_VARIABLE, Settings, load
from text2sql_ws.texts import Locale

Verb = Literal["serve", "check", "doctor"]


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for; `locale` and `as_json` are the doctor's."""

    verb: Verb
    config: Path | None
    overrides: Mapping[str, Any]
    locale: Locale | None = None
    as_json: bool = False

    def read(self) -> Settings:
        """The settings, read anew each time. Raises `Misconfigured`."""
        return load(self.config, self.overrides)


def order(arguments: Sequence[str] | None = None) -> Order:
    """What `arguments`, or those of this process, ask for; leaves with 2 where they make no sense.

    Raises `Misconfigured` for a socket that was passed and can't be served.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["doctor"]:
        options = _doctor().parse_args(given[1:])
        return Order("doctor", _config(options), {}, options.locale, options.json)
    options = _server().parse_args(given)
    return Order("check" if options.check else "serve", _config(options), _overrides(options))


def _server() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_program(),
        description="Ask a database in plain Chinese or English.",
        epilog=f"{_program()} doctor says what is wrong with an installation, and what to do.",
    )
    parser.add_argument("--config", metavar="FILE.toml", help=f"settings; or ${CONFIG_VARIABLE}")
    parser.add_argument("--host", help="the address to listen on (server.host)")
    parser.add_argument("--port", type=int, help="the port to listen on, 0 for a free one (server.port)")
    parser.add_argument("--check", action="store_true", help="say what is wrong with the settings, and exit")
    return parser


def _doctor() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{_program()} doctor",
        description="Check settings, databases, models, storage and limits; exits 1 where something fails.",
    )
    parser.add_argument("--config", metavar="FILE.toml", help=f"settings; or ${CONFIG_VARIABLE}")
    parser.add_argument("--json", action="store_true", help="for programs: a JSON object")
    parser.add_argument("--locale", choices=("zh", "en"), help="else by $LANG")
    return parser


def _program() -> str:
    return Path(sys.argv[0]).name or "text2sql-ws"


def _config(options: argparse.Namespace) -> Path | None:
    named = options.config or os.environ.get(CONFIG_VARIABLE)
    return Path(named) if named else None


def _overrides(options: argparse.Namespace) -> dict[str, Any]:
    """A socket that systemd passed goes over all else: its address is the one that is served."""
    host, port = passed_address() or (options.host, options.port)
    given = {"host": host, "port": port}
    return {"server": {name: value for name, value in given.items() if value is not None}}
