"""What setup.cfg can't say: the wheel carries the page and the prompts, which stand beside the package.

In the checkout they stay where people look for them; in the wheel they are in the package's `shipped` folder.
`text2sql_ws/shipping.py` finds them either way.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

FOLDERS = ("static", "config", "docs")


class BuildWithFolders(build_py):
    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for folder in FOLDERS:
            into = Path(self.build_lib) / "text2sql_ws" / "shipped" / folder
            shutil.rmtree(into, ignore_errors=True)
            shutil.copytree(folder, into)


setup(cmdclass={"build_py": BuildWithFolders})
