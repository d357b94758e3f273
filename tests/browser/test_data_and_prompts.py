"""Journeys through Data and Prompts as a person makes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.support import visit

pytestmark = pytest.mark.browser

EVENTS = "who,what,Stars\n" + "".join(
    f"{user},{item},{1 + (user + item) % 5}\n" for user in range(6) for item in range(8)
)
ITEMS = "item_id;title\n" + "".join(
    f"{item};{title}\n"
    for item, title in enumerate(
        ["<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "{{ history }}", "故宫"] * 2
    )
)


def test_upload_map_report_and_read(page: Page, address: str, tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(EVENTS + ",3,4\n", "utf-8")
    (tmp_path / "items.csv").write_text(ITEMS, "utf-8")
    visit(page, f"{address}/data?lang=en")
    expect(page.get_by_role("heading", name="MovieLens films")).to_be_visible()
    page.locator(".st-key-choose-upload button").click()
    # By their keys: the page has another box for files, there before these are.
    page.locator(".st-key-file-interactions input[type=file]").set_input_files(
        tmp_path / "events.csv"
    )
    expect(page.get_by_text("events.csv · 49 rows")).to_be_visible()
    page.locator(".st-key-file-items input[type=file]").set_input_files(tmp_path / "items.csv")
    expect(page.get_by_text("items.csv · 8 rows")).to_be_visible()
    page.locator(".st-key-prepare button").click()
    expect(page.get_by_role("heading", name="events", exact=True)).to_be_visible()
    expect(page.get_by_text("48 of 49 rows were kept")).to_be_visible()
    assert page.locator(".pr-sentences img").count() == 0
    page.reload()
    expect(page.get_by_text("48 of 49 rows were kept")).to_be_visible()


def test_edit_a_prompt_and_read_it(page: Page, address: str) -> None:
    visit(page, f"{address}/prompts?lang=en")
    editor = page.locator(".st-key-prompt-editor textarea")
    editor.fill("Only {{ history|last(1) }} and {{ histroy }}")
    editor.press("Control+Enter")
    expect(page.locator(".pr-prompt").first).to_contain_text("Only ")
    expect(page.get_by_text("Did you mean “history”?")).to_be_visible()
    editor.fill("Only {{ history|last(1) }}")
    editor.press("Control+Enter")
    expect(page.get_by_text("Did you mean “history”?")).to_be_hidden()  # the edit has arrived
    expect(page.locator(".pr-meter")).to_be_visible()
    expect(page.locator(".pr-prompt mark")).to_have_count(1)
    page.reload()
    expect(page.locator(".st-key-prompt-editor textarea")).to_have_value(
        "Only {{ history|last(1) }}"
    )


def test_language_is_kept_across_pages_and_in_the_url(page: Page, address: str) -> None:
    visit(page, f"{address}/data?lang=en")
    page.get_by_text("简体中文").click()
    expect(page.get_by_role("heading", name="数据", exact=True)).to_be_visible()
    page.get_by_role("button", name="编写提示词").first.click()
    expect(page.get_by_role("heading", name="提示词", exact=True)).to_be_visible()
    page.wait_for_url("**/prompts?*lang=zh*")
    page.reload()
    expect(page.get_by_role("heading", name="提示词", exact=True)).to_be_visible()
