"""What the package holds; everything else stands in pyproject.toml.

In a checkout the app lies beside `recsys`, where `streamlit run app.py` finds it. Installed, it is
in `recsys/studio` (`recsys/bundle.py`), so that no folders called `pages` and `assets` stand among
the packages of others.
"""

import shutil
from pathlib import Path

from setuptools import find_packages, setup

# What an earlier build left of files that are gone since would be packed again.
shutil.rmtree(Path(__file__).parent / "build" / "lib", ignore_errors=True)

setup(
    packages=[*find_packages(include=["recsys", "recsys.*"]), "recsys.studio"],
    package_dir={"recsys.studio": "."},
    include_package_data=False,
    package_data={
        "": ["*.j2", "*.toml", "*.npz"],
        "recsys.studio": ["pages/**/*.py", "assets/**/*", ".streamlit/config.toml"],
    },
    exclude_package_data={
        "recsys.studio": [
            "pyproject.toml",
            "assets/screenshot.png",
            "assets/architecture.svg",
            "assets/**/*.py",
            "assets/**/*.pyc",
        ]
    },
)
