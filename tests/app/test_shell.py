"""What holds on every page: language, links, the way on, and no heavy import on the first one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pages._ui.common import journey
from pages._ui.common.widgets import plain
from tests.app.support import ROOT, Open, link, run_alone, words

TITLES = {
    "en": ("Data", "Prompts", "Train", "Recommend", "Evaluate"),
    "zh": ("数据", "提示词", "训练", "推荐", "评估"),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("place", range(5))
def test_page_opens_in_its_language(open_app: Open, place: int, lang: str) -> None:
    app = open_app(journey.STEPS[place].key, lang=lang)
    assert app.title[0].value == TITLES[lang][place]
    links = [link.proto.label for link in app.get("page_link")][:5]
    assert links == [f"{n} · {title}" for n, title in enumerate(TITLES[lang], 1)]


def test_language_stays_in_the_url_across_pages(open_app: Open) -> None:
    app = open_app("data", lang="zh")
    data = link(app, "data")
    app.switch_page("pages/prompts.py").run()
    assert link(app, "lang") == "zh"
    assert link(app, "data") == data


def test_language_can_be_switched(open_app: Open) -> None:
    app = open_app("home", lang="en")
    app.segmented_control(key="lang").set_value("zh").run()
    assert app.title[0].value == "看看一段提示词能让推荐系统怎样变化"


def test_unknown_language_is_english(open_app: Open) -> None:
    assert open_app("data", lang="tlh").title[0].value == "Data"


def test_opens_on_movielens(open_app: Open) -> None:
    assert "MovieLens" in words(open_app("data", lang="en"))


@pytest.mark.parametrize("key", ["../../etc", "0123456789abcdef", "x" * 500])
def test_link_to_data_that_is_gone_says_so(open_app: Open, key: str) -> None:
    app = open_app("data", lang="en", data=key)
    assert "MovieLens" in words(app)
    assert len(app.warning) == 1


def test_first_page_needs_no_torch(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        "app = AppTest.from_file('app.py', default_timeout=60).run()\n"
        "assert len(app.title) == 1 and not app.exception\n"
        "app.switch_page('pages/data.py').run()\n"
        "assert app.title[0].value == 'Data' and not app.exception\n"
        "print(sorted(m for m in ('torch', 'transformers') if m in sys.modules))\n"
    )
    done = run_alone(script, tmp_path)
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr[-2000:]


def test_plain_leaves_no_markup() -> None:
    words_ = plain("<img onerror=x> [a](http://b) **c** `d` :red[e] $f$ :smile: -> www.g.h i@j.k")
    readable = words_.replace("\u2060", "")
    assert not set("<>[]*`$()") & set(readable)
    assert "www.g" not in words_ and ":smile:" not in words_


def test_the_server_reads_the_first_page_before_it_answers(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys, app\n"
        "async def served():\n"
        "    async with app.ready(app.app):\n"
        "        return sorted(m for m in ('pandas', 'plotly', 'torch') if m in sys.modules)\n"
        "print(asyncio.run(served()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": "", "HOME": str(tmp_path), "RECSYS_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "['pandas', 'plotly']", done.stdout + done.stderr[-2000:]
    assert list(tmp_path.rglob("report.json")), "the sample was not prepared"
