"""What the journeys share."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

#: Milliseconds that anything may take: a training process starts in seconds, but in a minute where
#: other work has both cores. What works does not wait for it.
PATIENCE = 240_000


def settle(page: Page) -> None:
    """Wait until the app has drawn all of the page."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def visit(page: Page, url: str) -> None:
    """Open a page of the app and wait until it is there to be used."""
    page.goto(url)
    expect(page.locator("h1").first).to_be_visible()
    settle(page)


def until(page: Page, condition: Callable[[], bool]) -> None:
    """Wait for something that Playwright has no word for."""
    for _ in range(PATIENCE // 100):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen in time")
