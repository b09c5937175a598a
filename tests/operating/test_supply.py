"""What `make check` says of the packages we install: their licences, and their known holes."""

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

AUDIT = ROOT / ".ci" / "audit.py"
LICENCES = ROOT / ".ci" / "licences.py"

GOOD = '{"name": "a", "version": "1", "vulns": []}'
SKIPPED = '{"name": "b", "skip_reason": "Dependency not found on PyPI"}'
HOLED = (
    '{"name": "c", "version": "2", "vulns": '
    '[{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3"], "description": ""}]}'
)


def audited(folder: Path, script: str, strict: bool = False) -> tuple[int, str]:
    """`audit.py` with another program in pip-audit's place: its exit status, and what it says."""
    program = folder / "pip-audit"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    environment = {"PIP_AUDIT": str(program), "AUDIT": "strict" if strict else ""}
    told = subprocess.run(
        [sys.executable, str(AUDIT), "some.lock"],
        env=environment, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert told.stderr == ""
    return told.returncode, told.stdout


def answering(*packages: str) -> str:
    return f"echo '{{\"dependencies\": [{', '.join(packages)}]}}'"


def test_nothing_known_of_any_package_is_good(tmp_path: Path) -> None:
    assert audited(tmp_path, answering(GOOD), strict=True) == (
        0,
        "audit: 1 packages audited, 0 known holes\n",
    )


def test_a_known_hole_fails_with_its_name_and_remedy(tmp_path: Path) -> None:
    status, told = audited(tmp_path, answering(GOOD, HOLED) + "; exit 1")
    assert status == 1
    assert "c 2: PYSEC-1 CVE-1; mended in 3" in told


def test_a_package_that_nothing_could_be_learnt_of_is_not_passed_over(tmp_path: Path) -> None:
    status, told = audited(tmp_path, answering(GOOD, SKIPPED))
    assert status == 0
    assert "NOT AUDITED, 1 of 2: PyPI tells nothing of b" in told
    assert "1 packages audited" in told
    assert audited(tmp_path, answering(GOOD, SKIPPED), strict=True)[0] == 1


@pytest.mark.parametrize("script", ["echo no network >&2; exit 1", "echo '{}'", "exit 0"])
def test_advisories_that_cannot_be_had_are_said_to_be_so(tmp_path: Path, script: str) -> None:
    status, told = audited(tmp_path, script)
    assert status == 0
    assert "NOT AUDITED, the advisories can't be had" in told
    assert audited(tmp_path, script, strict=True)[0] == 1


def test_all_that_we_pass_on_may_be_passed_on() -> None:
    listed = subprocess.run(
        [sys.executable, str(LICENCES), "--list"], capture_output=True, text=True, check=False, timeout=30
    )
    assert listed.returncode == 0, listed.stdout
    lines = dict(line.split(": ", 1) for line in listed.stdout.splitlines())
    assert {"aiohttp", "greenlet", "cryptography"} <= lines.keys(), (
        "what is needed only by way of an extra, too"
    )


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("GPL-3.0-only AND (MIT OR ISC)", False),
        ("(GPL-3.0-only OR MPL-2.0) AND (MIT OR GPL-2.0-only)", True),
        ("MIT OR GPL-3.0-only AND GPL-2.0-only", True),
        ("Apache-2.0 WITH LLVM-exception", False),
        ("", False),
    ],
)
def test_a_licence_expression_is_read_by_its_brackets(expression: str, allowed: bool) -> None:
    program: dict[str, Any] = runpy.run_path(str(LICENCES))
    assert program["is_allowed"](expression) is allowed
