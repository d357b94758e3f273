"""Every page against WCAG 2.1 A and AA, by axe-core: contrast, names of controls, roles."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.support import PATIENCE, visit

pytestmark = pytest.mark.browser

PAGES = ("", "data", "prompts", "train", "recommend", "evaluate", "grid", "benchmark", "deploy")
LEVELS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
#: Waits for what moves: a colour on its way to another has the contrast of neither.
MOVED = """() => Promise.all(document.getAnimations()
  .filter(one => one.effect.getComputedTiming().endTime !== Infinity)
  .map(one => one.finished.catch(() => null)).concat([new Promise(requestAnimationFrame)])
).then(() => null)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule(
    browser: Browser, address: str, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(
        viewport={"width": 1280, "height": 720}, color_scheme=scheme, locale="en-GB"
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    broken = []
    for path in PAGES:
        visit(page, f"{address}/{path}?lang=en")
        page.evaluate(MOVED)
        for rule in Axe().run(page, options=LEVELS).response["violations"]:
            broken += [(path, rule["id"], node["html"][:120]) for node in rule["nodes"]]
    context.close()
    assert not broken
