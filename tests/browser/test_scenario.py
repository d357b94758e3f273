"""A journey through a scenario as somebody makes it who sees the product for the first time."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.support import visit

pytestmark = pytest.mark.browser


def test_from_the_card_of_a_scenario_to_an_answer(page: Page, address: str) -> None:
    visit(page, f"{address}/data?lang=en")
    expect(page.get_by_role("heading", name="MovieLens films")).to_be_visible()
    page.locator(".st-key-choose-attractions button").click()
    expect(page.get_by_role("heading", name="Tourist attractions (made up)")).to_be_visible()
    expect(page.locator(".pr-sentences")).to_contain_text("recently visited the sights")

    page.get_by_role("button", name="Write the prompt").first.click()
    expect(page.locator(".pr-prompt").first).to_contain_text("On trips the traveller looks for")
    expect(page.get_by_text("Nothing to improve.").first).to_be_visible()
    page.get_by_role("button", name="Train with this prompt").click()

    expect(page.get_by_text("1,217 events")).to_be_visible()
    expect(page.get_by_role("radio", name="Prompt fusion")).to_be_checked()
    page.get_by_text("More settings").click()
    epochs = page.get_by_role("spinbutton", name="Epochs at most")
    epochs.fill("3")  # what is understood of a wish does not hang on how long it trained
    epochs.press("Tab")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("80 test users")).to_be_visible()
    page.locator("[class*='st-key-see-'] button").click()  # the run's own, see test_training

    expect(page.get_by_role("heading", name="visited")).to_be_visible()
    page.get_by_role("radio", name="somewhere to eat street food").click()
    expect(page.get_by_role("button", name="food streets")).to_be_visible()
    expect(page.locator(".pr-list li").first).to_contain_text("food streets")

    page.get_by_role("radio", name="Questions and answers").click()
    page.get_by_role("radio", name="Where should I go with my kids?").click()
    expect(page.get_by_text("Understood: children")).to_be_visible()
    answers = page.locator(".pr-list")
    expect(answers.last.locator(".pr-why").first).to_contain_text("children")
    box = page.get_by_placeholder("Ask in your own words …")
    box.fill("And by the sea?")
    box.press("Enter")
    expect(page.get_by_text("seaside. For user")).to_be_visible()
    # No attraction is for children and at the seaside: those of either are listed.
    expect(answers.last.locator(".pr-why").first).to_contain_text(re.compile("seaside|children"))

    page.get_by_role("button", name="See how good they are").click()
    expect(page.locator(".pr-table tbody tr")).to_have_count(3)
