"""A journey through Deploy: the model that ships becomes a service that other programs ask."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from recsys.serving.service import Service
from tests.browser.support import settle, visit

pytestmark = pytest.mark.browser


def listed(port: int, **request: object) -> list[str]:
    """Titles as any program gets them."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/recommend",
        data=json.dumps(request).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return [item["title"] for item in json.load(answer)["items"]]


@pytest.fixture
def port(home: Path) -> Iterator[int]:
    """A free port; what is started there ends with the test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = int(free.getsockname()[1])
    yield found
    service = Service.at(found, home / "RECSYS_RUNS")
    if service.status().active and service.folder.exists():
        service.request_stop()


def test_start_try_watch_stop(page: Page, address: str, port: int) -> None:
    visit(page, f"{address}/deploy?lang=en")
    box = page.get_by_role("spinbutton", name="Port")
    box.fill(str(port))
    box.press("Tab")
    settle(page)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("Answers with the model that ships with the app.")).to_be_visible()

    wish = page.get_by_label("What do they wish for?")
    wish.fill("a western")
    page.get_by_role("button", name="Send").click()
    titles = listed(port, user_id="1", wish="a western", k=5)
    for title in titles:
        expect(page.get_by_text(title, exact=True)).to_be_visible()
    expect(page.get_by_text('"wish": "a western"').first).to_be_visible()
    # One by the page, one by this program.
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("2")

    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("heading", name=str(port))).to_be_hidden()
    with pytest.raises(OSError, match="refused"):
        listed(port, user_id="1")
