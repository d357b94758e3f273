"""A journey through the prompt lab: tune a prompt, open its version, read it in words."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from recsys.cleaning import prepare
from recsys.scenarios import SCENARIOS
from tests.browser.support import visit

pytestmark = pytest.mark.browser
#: Milliseconds: a backbone is trained first, then the prompt.
TUNED = 480_000


def test_tune_open_the_version_and_put_it_into_words(page: Page, address: str) -> None:
    # The least of the data that ships: what is tuned here, and how well, is tested elsewhere.
    page.goto(f"{address}/?scenario=attractions&lang=en")  # keeps the data
    expect(page.get_by_role("heading", name="Tourist attractions").first).to_be_visible()
    data, _report = prepare(SCENARIOS["attractions"].presets["en"].sample)
    chosen = f"data={data.content_hash}&prompt=sequential&tool=tune"
    visit(page, f"{address}/prompts?lang=en&{chosen}")
    page.get_by_role("button", name="Tune the prompt").click()
    expect(page.get_by_text("What the trained vectors say")).to_be_visible(timeout=TUNED)
    expect(page.locator(".pr-words tbody tr")).to_have_count(8)
    expect(page.get_by_text("Over the backbone")).to_be_visible(timeout=TUNED)
    page.get_by_role("button", name="Open this version").click()
    expect(page.get_by_text("sequential tuned").first).to_be_visible()

    # A trained model reads prompts now, so that every tool is there.
    page.get_by_role("radio", name="What it learned, in words").click()
    page.get_by_role("button", name="Put it into words").click()
    expect(page.get_by_text("With vectors NDCG@10 is")).to_be_visible()
    page.wait_for_url("**tool=words*")
    expect(page.get_by_text("Nearest words:")).to_be_visible()
    expect(page.get_by_role("button", name="Take it into the editor")).to_have_count(0)


def test_saving_closes_and_says_so_and_the_effect_is_in_sight(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    visit(page, f"{address}/prompts?lang=en&prompt=profile")
    editor = page.locator(".st-key-prompt-editor textarea")
    editor.fill("Saw {{ history|last(3) }}.")
    expect(page.get_by_text("Edited, kept for you")).to_be_visible()
    preview = page.locator(".pr-prompt").first
    expect(preview).to_contain_text("Saw ")
    box = preview.bounding_box()
    assert box is not None and box["y"] < 720  # beside what is typed
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("Under a new name").fill("Mine")
    page.locator(".st-key-prompt-save-as button").click()
    expect(page.get_by_text("Saved: version 1 of “Mine”.")).to_be_visible()
    expect(page.get_by_label("Under a new name")).to_be_hidden()


def test_how_it_was_measured_covers_no_verdict_in_a_low_window(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 560})
    visit(page, f"{address}/prompts?lang=en&prompt=profile")
    verdict = page.locator(".st-key-prompt-verdict p").first
    expect(verdict).to_contain_text("NDCG@10")
    opens = page.get_by_text("Measured how")
    opens.evaluate("button => button.scrollIntoView({block: 'end'})")
    opens.click()
    expect(page.get_by_text("Compared with").first).to_be_visible()
    page.wait_for_timeout(500)  # until it has opened
    assert verdict.evaluate(
        """sentence => {
          const box = sentence.getBoundingClientRect();
          const at = document.elementFromPoint(box.x + 20, box.y + box.height / 2);
          return at.closest(".st-key-prompt-verdict") !== null;
        }"""
    )


def test_saving_closes_where_the_app_hears_of_the_opening_late(page: Page, address: str) -> None:
    # Busy with an earlier run, the app draws first when all is typed, and never draws it open.
    server: list[WebSocketRoute] = []
    said: list[str | bytes] = []
    held = False

    def route(browser: WebSocketRoute) -> None:
        to_app = browser.connect_to_server()
        server.append(to_app)
        browser.on_message(lambda words: said.append(words) if held else to_app.send(words))

    page.route_web_socket("**/_stcore/stream*", route)
    visit(page, f"{address}/prompts?lang=en&prompt=profile")
    held = True
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("Under a new name").fill("Late")
    page.locator(".st-key-prompt-save-as button").click()
    for _ in range(100):  # what the browser sends reaches this process some time after the click
        if len(said) > 1:
            break
        page.wait_for_timeout(100)
    held = False
    assert len(said) > 1  # the opening, and the click
    for words in said:
        server[-1].send(words)
    expect(page.get_by_text("Saved: version 1 of “Late”.")).to_be_visible()
    expect(page.get_by_label("Under a new name")).to_be_hidden()
