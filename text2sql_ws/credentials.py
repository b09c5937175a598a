"""Secrets that systemd hands over as files (LoadCredential), each named like the setting that it holds.

`auth.secret`, `datasources.sales.password`, `llm.providers.main.api_key`: any setting that is a text may come
this way. Files of a folder that was loaded as a whole bear its name before theirs: `text2sql_auth.secret`.
The one rule: a file that names no setting is refused like any other misspelt key, never passed over.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

VARIABLE = "CREDENTIALS_DIRECTORY"
PREFIX = "text2sql_"


class UnreadableCredential(Exception):
    """The sentence names the file, never what is in it."""


def read_credentials(environment: Mapping[str, str]) -> dict[str, Any]:
    """What the folder of `$CREDENTIALS_DIRECTORY` gives, as nested dicts; `{}` without that variable.

    A line break at the end is not part of a secret. Raises `UnreadableCredential`.
    """
    folder = environment.get(VARIABLE)
    given: dict[str, Any] = {}
    for file in _files(Path(folder)) if folder else []:
        *tables, key = file.name.removeprefix(PREFIX).split(".")
        place = given
        for table in tables:
            place = place.setdefault(table, {})
            if not isinstance(place, dict):
                raise UnreadableCredential(f"credential {file.name}: {table} is a credential itself")
        place[key] = _text(file)
    return given


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(file for file in folder.iterdir() if file.is_file())
    except OSError as error:
        raise UnreadableCredential(f"{VARIABLE}={folder}: cannot be read: {error.strerror}") from None


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8").rstrip("\r\n")
    except OSError as error:
        raise UnreadableCredential(f"credential {file.name}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnreadableCredential(f"credential {file.name}: not UTF-8") from None
