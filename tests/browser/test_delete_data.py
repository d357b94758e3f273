"""A person uploads data, and deletes it for good: nothing of it is on the disk any more."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from benchmarks.serving import running_app
from tests.privacy.test_erase import found_in

pytestmark = pytest.mark.browser
MARK = "zqmarkxj"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The folder of an app that is running; its address is in `address.txt`."""
    folder = tmp_path / "home"
    names = ("RECSYS_CACHE", "RECSYS_PROMPTS", "RECSYS_RUNS", "TMPDIR")
    for name in names:
        (folder / name).mkdir(parents=True)
    with running_app(**{name: str(folder / name) for name in names}) as address:
        (folder / "address.txt").write_text(address)
        yield folder


def test_an_upload_is_deleted_for_good(page: Page, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    pd.DataFrame(
        {
            "user_id": [f"{MARK}u{user}" for user in range(12) for _ in range(7)],
            "item_id": [f"{MARK}i{(user + 3 * step) % 10}" for user in range(12)
                        for step in range(7)],
        }
    ).to_csv(file, index=False)  # fmt: skip
    page.goto((home / "address.txt").read_text())
    page.locator(".st-key-choose-upload button").click()
    page.locator(".st-key-file-interactions input[type=file]").set_input_files(file)
    page.locator(".st-key-prepare button").click()
    expect(page.get_by_text("Ready. This is how it looks:")).to_be_visible()
    assert found_in(home, [MARK])
    page.get_by_text("Your data kept here: 1").click()
    page.get_by_role("button", name=re.compile("^.*Delete mine")).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("is deleted for good")).to_be_visible()
    expect(page.get_by_role("dialog")).not_to_be_visible()
    expect(page.get_by_role("heading", name="MovieLens")).to_be_visible()
    assert found_in(home, [MARK]) == []
    assert "mine" not in os.listdir(home / "RECSYS_CACHE")
