"""Somebody who has nothing yet: the first page, a list with a wish, and the story."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.support import visit

pytestmark = pytest.mark.browser


def test_from_the_first_page_to_a_list_with_a_wish(page: Page, address: str) -> None:
    visit(page, f"{address}/?lang=en")
    expect(page.locator(".pr-way li")).to_have_count(5)
    page.get_by_role("button", name="See it work").click()
    expect(page.locator(".st-key-rows")).to_contain_text("Meet the Parents")
    expect(page.get_by_role("searchbox").first).to_have_value("something funny that makes me laugh")
    expect(page).to_have_url(re.compile(r"/recommend\?.*user=261"))


def test_the_story_goes_on_and_back_and_can_be_shared(page: Page, address: str) -> None:
    page.goto(f"{address}/?lang=en&demo")
    expect(page.get_by_role("heading", name="What somebody did")).to_be_visible()
    expect(page.locator(".pr-history li").first).to_contain_text("The Terminator")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()  # it plays
    page.goto(f"{address}/?lang=en&demo=1")  # stands still, however long this takes
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".pr-prompt")).to_contain_text("The user likes")
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".pr-films li")).to_have_count(6)
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("heading", name="In words")).to_be_visible()
    expect(page).to_have_url(re.compile(r"demo=2"))
    page.reload()
    expect(page.get_by_role("heading", name="In words")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_story_plays_by_itself(page: Page, address: str) -> None:
    visit(page, f"{address}/?lang=en")
    page.get_by_role("button", name="The story in one minute").click()
    expect(page.get_by_role("heading", name="What somebody did")).to_be_visible()
    expect(page.get_by_role("heading", name="In words")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
