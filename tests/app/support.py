"""What the tests of the app share."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages._ui.common import readings

ROOT = Path(__file__).parents[2]

Open = Callable[..., AppTest]


def settle(app: AppTest, seconds: float = 120) -> AppTest:
    """Look again, as a browser does, until no file is being read."""
    end = time.monotonic() + seconds
    while any(str(button.key).startswith(readings.STOP) for button in app.button):
        assert time.monotonic() < end, "still reading"
        time.sleep(0.2)
        app.run()
    return app


def words(app: AppTest) -> str:
    """Everything on the page as one text, to look for sentences in."""
    parts = [
        element.value
        for kind in ("title", "header", "subheader", "caption", "markdown", "error", "text")
        for element in app.get(kind)
    ]
    return "\n".join(map(str, parts)) + "\n".join(html_of(app))


def in_language(app: AppTest, lang: str) -> AppTest:
    """The page once more in another language; alone, it has no sidebar with the switch."""
    app.session_state["language"] = lang
    return app.run()


def html_of(app: AppTest) -> list[str]:
    """The HTML that the page draws, style sheet excepted."""
    bodies = [element.proto.body for element in app.get("html")]
    return [body for body in bodies if not body.startswith("<style>")]


def link(app: AppTest, name: str) -> str:
    """A parameter of the page's URL; AppTest gives a list once it has been written."""
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def run_alone(script: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own, at the project's root, that has imported nothing."""
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": "", "HOME": str(home), "RECSYS_CACHE": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
