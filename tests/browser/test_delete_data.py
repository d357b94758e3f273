"""A person uploads data, and deletes it for good: nothing of it is on the disk any more."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.browser.support import visit
from tests.privacy.test_erase import found_in

pytestmark = pytest.mark.browser
MARK = "zqmarkxj"


def test_an_upload_is_deleted_for_good(
    page: Page, address: str, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.csv"
    pd.DataFrame(
        {
            "user_id": [f"{MARK}u{user}" for user in range(12) for _ in range(7)],
            "item_id": [f"{MARK}i{(user + 3 * step) % 10}" for user in range(12)
                        for step in range(7)],
        }
    ).to_csv(file, index=False)  # fmt: skip
    visit(page, f"{address}/data?lang=en")
    page.locator(".st-key-choose-upload button").click()
    page.locator(".st-key-file-interactions input[type=file]").set_input_files(file)
    page.locator(".st-key-prepare button").click()
    expect(page.get_by_text("Ready. This is how it looks:")).to_be_visible()
    assert found_in(home, [MARK])
    page.get_by_text("Your data kept here").click()
    page.get_by_role("button", name=re.compile("^.*Delete mine")).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("is deleted for good")).to_be_visible()
    expect(page.get_by_role("dialog")).not_to_be_visible()
    expect(page.get_by_role("heading", name="MovieLens")).to_be_visible()
    assert found_in(home, [MARK]) == []
