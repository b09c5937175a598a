"""audit.py LOCKFILE...: are there known holes in what we install? Asks PyPI's advisories, by pip-audit.

Exit status: 0 none known, or the advisories can't be had, which is said; 1 there are some; with AUDIT=strict
also 1 where not every package could be looked up. pip-audit itself says "No known vulnerabilities found" of
packages that it learnt nothing about, and exits 0: that is not passed on.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SECONDS = 120

OPTIONS = ("--require-hashes", "--disable-pip", "-s", "pypi", "-f", "json", "--progress-spinner=off")


def main(files: Sequence[str], environment: dict[str, str]) -> int:
    program = environment.get("PIP_AUDIT") or str(Path(sys.executable).parent / "pip-audit")
    packages, complaint = advisories(program, files)
    lines, holes, skipped = report(packages, complaint)
    sys.stdout.write("".join(f"audit: {line}\n" for line in lines))
    is_whole = bool(packages) and not skipped and not complaint
    return int(bool(holes) or (environment.get("AUDIT") == "strict" and not is_whole))


def advisories(program: str, files: Sequence[str]) -> tuple[list[dict[str, Any]], str]:
    """What pip-audit knows of each package; and, where it can't tell, why."""
    named = [word for file in files for word in ("-r", file)]
    try:
        ran = subprocess.run(  # noqa: S603, our own program and files
            [program, *named, *OPTIONS], capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return [], str(error)
    try:
        return list(json.loads(ran.stdout)["dependencies"]), ""
    except (ValueError, KeyError):
        last = (ran.stderr.strip() or "it said nothing").splitlines()[-1]
        return [], f"pip-audit exited with {ran.returncode}: {last}"


def report(packages: Sequence[dict[str, Any]], complaint: str) -> tuple[list[str], int, int]:
    """Lines to print; how many holes there are; how many packages nothing could be learnt of."""
    holes = [(package, hole) for package in packages for hole in package.get("vulns", [])]
    skipped = sorted(package["name"] for package in packages if "skip_reason" in package)
    lines = [_hole(package, hole) for package, hole in holes]
    if complaint or not packages:
        lines.append(f"NOT AUDITED, the advisories can't be had: {complaint or 'no packages'}")
    elif skipped:
        named = ", ".join(skipped[:3]) + (" ..." if len(skipped) > 3 else "")
        lines.append(f"NOT AUDITED, {len(skipped)} of {len(packages)}: PyPI tells nothing of {named}")
    lines.append(f"{len(packages) - len(skipped)} packages audited, {len(holes)} known holes")
    return lines, len(holes), len(skipped)


def _hole(package: dict[str, Any], hole: dict[str, Any]) -> str:
    known_as = " ".join([hole["id"], *hole.get("aliases", [])])
    mended = ", ".join(hole.get("fix_versions", [])) or "no version yet"
    return f"{package['name']} {package['version']}: {known_as}; mended in {mended}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], dict(os.environ)))
