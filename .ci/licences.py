"""licences.py [--list]: the licences of what we install; exits 1 where one isn't allowed.

What is looked at is text2sql-ws, its extra for operators, and all that they need to run, as installed beside
this Python; tools of the developers are not passed on to anyone.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, distribution

from packaging.requirements import Requirement

ROOT = "text2sql-ws[otel]"

ALLOWED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0"),
        *("MPL-2.0", "PSF-2.0", "Unlicense", "Zlib"),
    }
)
"""SPDX names. All let a product be passed on; MPL-2.0 asks for changes to its own files only."""

CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}

TEXTS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "BSD-2": "BSD-2-Clause",
    "MIT License": "MIT",
}
"""What stands in the old free-text field."""

KNOWN = {
    "httpx-aiohttp": "BSD-3-Clause",  # its metadata has the whole text instead of a name
}


def main(arguments: Sequence[str]) -> int:
    found = {package.metadata["Name"]: licence_of(package) for package in packages(ROOT)}
    refused = {name: told for name, told in found.items() if not is_allowed(told)}
    for name, told in (found if "--list" in arguments else refused).items():
        sys.stdout.write(f"{name}: {told or 'tells no licence'}\n")
    sys.stdout.write(f"licences: {len(found)} packages, {len(refused)} not allowed\n")
    return int(bool(refused))


def packages(root: str) -> list[Distribution]:
    """`root` and all it needs on this machine, extras where they are asked for, by name."""
    seen: dict[str, Distribution] = {}
    waiting = [Requirement(root)]
    while waiting:
        wanted = waiting.pop()
        package = distribution(wanted.name)
        key = f"{package.metadata['Name'].lower()}{sorted(wanted.extras)}"
        if key not in seen:
            seen[key] = package
            waiting += _needs(package, wanted.extras)
    by_name = {package.metadata["Name"].lower(): package for package in seen.values()}
    return [by_name[name] for name in sorted(by_name)]


def _needs(package: Distribution, extras: set[str]) -> Iterator[Requirement]:
    for line in package.requires or []:
        needed = Requirement(line)
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield needed


def licence_of(package: Distribution) -> str:
    """An SPDX expression; empty where the package tells none that we understand."""
    metadata = package.metadata
    if expression := metadata.get("License-Expression"):
        return str(expression)
    told = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    named = [CLASSIFIERS.get(line.split(" :: ")[-1], "") for line in told]
    text = str(metadata.get("License") or "").strip()
    free = TEXTS.get(text, text if text in ALLOWED else "")
    return " AND ".join(filter(None, named)) or free or KNOWN.get(metadata["Name"], "")


def is_allowed(expression: str) -> bool:
    """Whether an SPDX expression leaves us a way: of OR one side is enough, of AND it takes both."""
    words = re.findall(r"\(|\)|[^\s()]+", expression)
    allowed, rest = _either(words)
    return allowed and not rest


def _either(words: list[str]) -> tuple[bool, list[str]]:
    allowed, rest = _both(words)
    while rest[:1] == ["OR"]:
        other, rest = _both(rest[1:])
        allowed = allowed or other
    return allowed, rest


def _both(words: list[str]) -> tuple[bool, list[str]]:
    allowed, rest = _one(words)
    while rest[:1] == ["AND"]:
        other, rest = _one(rest[1:])
        allowed = allowed and other
    return allowed, rest


def _one(words: list[str]) -> tuple[bool, list[str]]:
    """A name or what is in brackets; `WITH` an exception is not understood, and so not allowed."""
    if words[:1] == ["("]:
        allowed, rest = _either(words[1:])
        return allowed, rest[1:]
    return bool(words) and words[0] in ALLOWED, words[1:]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
