"""Where the files are that come with the package: the page, the prompts, the default settings, the manual.

In a checkout they stand beside the package; a wheel carries them inside it (`setup.py`).
"""

from pathlib import Path

PACKAGE = Path(__file__).parent


def shipped(folder: str) -> Path:
    """The folder `static`, `config` or `docs`, whichever way the package was installed."""
    inside = PACKAGE / "shipped" / folder
    return inside if inside.is_dir() else PACKAGE.parent / folder
