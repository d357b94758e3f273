"""The Recommend page as it stands on a screen: the list is in sight before anything is scrolled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from recsys.cleaning import prepare
from recsys.prompts import LIBRARY
from recsys.scenarios import SCENARIOS
from tests.app.made_runs import made
from tests.browser.support import PATIENCE, settle, visit

pytestmark = pytest.mark.browser

Sized = Callable[[int, int], Page]
_PRESET = SCENARIOS["attractions"].presets["en"]


@pytest.fixture(scope="module")
def recommending(home: Path, address: str, browser: Browser) -> str:
    """The address of the Recommend page with a model of the attractions."""
    with browser.new_context(locale="en-GB") as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{address}/?scenario=attractions&lang=en")  # keeps the data
        expect(page.get_by_role("heading", name="Tourist attractions").first).to_be_visible()
    data, _report = prepare(_PRESET.sample)
    template = LIBRARY[_PRESET.template]
    made(home / "RECSYS_RUNS", "prompt-fusion", data=data, name="shown", template=template)
    return f"{address}/recommend?lang=en&data={data.content_hash}&run=shown"


@pytest.fixture
def sized(browser: Browser) -> Iterator[Sized]:
    """Opens a tab of a size."""
    contexts = []

    def opened(width: int, height: int) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("wish", ["", *_PRESET.intents])
def test_the_first_titles_are_in_sight(page: Page, recommending: str, wish: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    visit(page, f"{recommending}&wish={wish}")
    listed = page.locator(".pr-list .pr-title")
    # Under a wish, the chips of what was understood take the room of a title.
    for width, height, titles in [(1280, 720, 4 if wish else 5), (420, 720, 1)]:
        page.set_viewport_size({"width": width, "height": height})
        expect(listed.nth(titles - 1)).to_be_visible()
        if wish:
            expect(page.get_by_text("Understood").first).to_be_visible()
        for place in range(titles):
            expect(listed.nth(place)).to_be_in_viewport(ratio=1)


def test_model_filters_and_prompt_are_options(sized: Sized, recommending: str) -> None:
    page = sized(1280, 720)
    visit(page, recommending)
    expect(page.locator(".pr-list .pr-title").first).to_be_visible()
    expect(page.locator(".st-key-recommend-run")).to_have_count(0)
    page.get_by_role("button", name="Options").click()
    for key in ("recommend-run", "recommend-prompt", "filter-attribute", "recommend-k"):
        expect(page.locator(f".st-key-{key}")).to_be_visible()


def test_be_the_user_and_two_lists(sized: Sized, recommending: str) -> None:
    page = sized(1280, 720)
    visit(page, recommending)
    page.get_by_role("button", name="Be the user").click()
    search = page.get_by_placeholder("Search titles …")
    search.fill("pingyao")
    rated = page.locator("[class*='st-key-rated-']")
    expect(rated.first).to_contain_text("Pingyao")
    rated.first.get_by_role("radio").last.click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.wait_for_url("**who=you**said=**")
    page.get_by_role("button", name="Look at a user of the data").click()
    expect(page.get_by_role("button", name="Be the user")).to_be_visible()

    visit(page, f"{recommending}&beside=prompt:profile")
    expect(page.locator(".pr-list")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a picture").click()
    assert download.value.path().read_text("utf-8").startswith("<svg ")
    page.get_by_role("button", name="Close the comparison").click()
    expect(page.get_by_role("button", name="Be the user")).to_be_visible()


def test_a_chip_is_turned_round_and_the_link_brings_it_back(
    sized: Sized, recommending: str
) -> None:
    page = sized(1280, 720)
    visit(page, recommending)
    box = page.locator(".st-key-wish input")
    box.fill("a museum, nothing by the sea")
    chip = page.locator(".st-key-wish-chip-0 button")
    expect(chip).to_contain_text("museums")
    titles = page.locator(".pr-list .pr-title")
    settle(page)
    wished = titles.all_inner_texts()

    chip.focus()  # by keyboard alone
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="A must")).to_be_visible()
    page.get_by_role("menuitem", name="Avoid").focus()
    page.keyboard.press("Enter")
    expect(chip).to_contain_text("not museums")
    page.wait_for_url("**marks=**")
    settle(page)
    turned = titles.all_inner_texts()
    assert len(turned) == len(wished) and not set(turned) & set(wished)

    page.get_by_role("button", name="How strictly: a rule").click()
    strictness = page.get_by_role("slider", name="How strictly the wish is followed")
    strictness.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("button", name="How strictly: strongly")).to_be_visible()
    page.wait_for_url("**strict=0.75**")
    settle(page)
    turned = titles.all_inner_texts()

    visit(page, page.url)
    expect(chip).to_contain_text("not museums")
    expect(page.get_by_role("button", name="How strictly: strongly")).to_be_visible()
    expect(titles).to_have_text(turned)
    page.get_by_role("button", name="How strictly: strongly").click()
    strictness.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="As understood").click()
    expect(titles).to_have_text(wished)
    assert "marks" not in page.url
