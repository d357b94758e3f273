"""A running app and a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.serving import launched_chromium, running_app
from tests.browser.support import PATIENCE

expect.set_options(timeout=PATIENCE)  # for all journeys, as Playwright keeps one


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, converted_models: Path) -> Path:
    """The folder in which the app keeps all that it writes."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "RECSYS_CACHE").mkdir()
    (folder / "RECSYS_CACHE" / "language_models").symlink_to(converted_models)
    return folder


@pytest.fixture(scope="session")
def address(home: Path) -> Iterator[str]:
    """The address of an app with folders of its own."""
    folders = {
        name: str(home / name)
        for name in ("RECSYS_CACHE", "RECSYS_PROMPTS", "RECSYS_RUNS", "TMPDIR")
    }
    (home / "TMPDIR").mkdir()
    with running_app(**folders) as started:
        yield started


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = launched_chromium(playwright)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh tab in English; a dialog opened by a script fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    dialogs: list[str] = []
    opened.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    yield opened
    context.close()
    assert not dialogs, "a script of the data ran"
