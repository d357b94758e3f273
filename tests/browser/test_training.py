"""Journeys through Train, Recommend and Evaluate as a person makes them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.browser.support import PATIENCE, settle, until, visit

pytestmark = pytest.mark.browser


def start(page: Page, address: str, model: str, name: str) -> None:
    """Open the Train page, choose, and press start; it trains for long enough to be stopped."""
    visit(page, f"{address}/train?lang=en")
    # The table of past runs names models too.
    page.get_by_role("radiogroup", name="Model").get_by_text(model, exact=True).click()
    page.get_by_text("More settings").click()
    limit = page.get_by_label("Minutes at most")
    limit.fill("20")
    limit.press("Tab")
    settle(page)
    box = page.get_by_label("Name of this run")
    box.fill(name)
    box.press("Tab")
    settle(page)
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def curve(page: Page, name: str) -> Locator:
    return page.locator(f".st-key-loss-{name} .scatterlayer path.js-line").first


def see_recommendations(page: Page, name: str) -> None:
    """Press the button of this run.

    The page's last button has the same words while no trained run is shown: for a moment after
    one appears both are there, and a click on the one that is going is lost.
    """
    page.locator(f".st-key-see-{name} button").click()


def delete_and_undo(page: Page, name: str) -> None:
    """Choose the latest run in the table, delete it, and bring it back."""
    # The table is a canvas: its first row begins under the heads, its box at the very left. Nothing
    # tells when it has been drawn, and a click before that is lost.
    table = page.locator("[data-testid=stDataFrame] .dvn-scroller")
    chosen = page.get_by_role("button", name="Delete")
    for _ in range(PATIENCE // 20_000):
        table.click(position={"x": 18, "y": 52})
        try:
            chosen.wait_for(timeout=20_000)
        except TimeoutError:
            continue
        break
    chosen.click()
    expect(page.get_by_text("was deleted")).to_be_visible()
    expect(page.get_by_role("heading", name=name)).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_train_watch_stop_recommend(page: Page, address: str) -> None:
    start(page, address, "SASRec", "journey")
    line = curve(page, "journey")
    expect(line).to_be_attached()
    first = line.get_attribute("d")
    until(page, lambda: line.get_attribute("d") != first)
    page.get_by_role("button", name="Stop, keep the best").click()
    expect(page.get_by_text("You stopped it.")).to_be_visible()
    expect(page.get_by_text("671 test users")).to_be_visible()
    see_recommendations(page, "journey")
    expect(page.locator(".pr-list li")).to_have_count(10)
    expect(page.locator(".pr-history li").first).to_be_visible()
    page.wait_for_url("**/recommend?*user=*")

    page.get_by_role("button", name="See how good they are").click()
    expect(page.locator(".pr-table tbody tr")).to_have_count(3)
    expect(page.get_by_text("How this was measured")).to_be_visible()


def test_reload_and_second_tab_show_the_same_run(page: Page, address: str) -> None:
    start(page, address, "SASRec", "reloaded")
    expect(curve(page, "reloaded")).to_be_attached()
    page.wait_for_url("**/train?*run=reloaded*")
    page.reload()
    expect(page.get_by_role("heading", name="reloaded")).to_be_visible()
    expect(curve(page, "reloaded")).to_be_attached()

    other = page.context.new_page()
    other.goto(page.url)
    expect(curve(other, "reloaded")).to_be_attached()
    other.get_by_role("button", name="Stop, keep the best").click()
    expect(page.get_by_text("671 test users")).to_be_visible()
    expect(other.get_by_text("671 test users")).to_be_visible()


def test_a_model_in_one_step_and_a_filter(page: Page, address: str) -> None:
    start(page, address, "EASE", "onestep")
    expect(page.locator(".st-key-see-onestep")).to_be_visible()
    delete_and_undo(page, "onestep")
    see_recommendations(page, "onestep")
    expect(page.locator(".pr-list li")).to_have_count(10)
    page.get_by_role("button", name="Options").click()
    page.locator(".st-key-filter-values-genres input").fill("Western")
    page.get_by_role("option", name="Western").click()
    page.keyboard.press("Escape")
    about = page.locator(".pr-list .pr-about")
    until(page, lambda: all("Western" in words for words in about.all_inner_texts()))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download this list").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("user_id,item_id,score,rank") and len(lines) == 11
