"""Where the app and its assets lie: they are no modules of this package, but come with it."""

from __future__ import annotations

from pathlib import Path

#: In a checkout they lie beside `recsys`; an installed package has them inside it (`setup.py`).
_INSTALLED = Path(__file__).parent / "studio"
IS_INSTALLED = _INSTALLED.is_dir()
STUDIO = _INSTALLED if IS_INSTALLED else Path(__file__).parents[1]
#: What `streamlit run` takes.
APP = STUDIO / "app.py"
ASSETS = STUDIO / "assets"
#: The variable in which the command line tells the app which capsule it was started with.
OPENED = "RECSYS_OPENED"
