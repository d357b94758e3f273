"""Two lists beside each other on the Recommend page: link, marks, sentence, picture."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from pages._ui.html.list_markup import Entry
from pages._ui.html.list_picture import picture
from pages._ui.recommend.compare_lists import Side, sentence
from pages._ui.recommend.suggest import Suggestions
from recsys.prompts import Template
from recsys.runs import Run
from tests.app.made_runs import IMAGE, SCRIPT, made
from tests.app.support import Open, html_of, link, words


def lists(*items: list[int]) -> tuple[Suggestions, Suggestions]:
    first, second = (Suggestions(np.array(i), np.zeros(len(i)), np.array(i)) for i in items)
    return first, second


def marked(*marks: str) -> list[Entry]:
    return [Entry(rank, "a film", "", mark=mark) for rank, mark in enumerate(marks, start=1)]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("Saw {{ history }}.", "Saw {{ history }}. Not {{ disliked }}.",
         "Saying what they disliked moved 2 of 3, 1 of them new."),
        ("Saw {{ history }}. Likes {{ genres }}.", "Saw {{ history }}.",
         "Leaving out genres moved 2 of 3, 1 of them new."),
        ("Saw {{ history }}.", "Watched {{ history }}.",
         "The second prompt moved 2 of 3, 1 of them new."),
        ("Saw {{ history }}.", "Liked {{ liked }}.",
         "The second prompt moved 2 of 3, 1 of them new."),
    ],
)  # fmt: skip
def test_the_sentence_says_what_the_prompts_differ_in(
    runs_dir: Path, before: str, after: str, told: str
) -> None:
    run = Run(runs_dir / "one")
    sides = (Side(run, Template.parse(before), "a"), Side(run, Template.parse(after), "b"))
    found = lists([1, 2, 3], [1, 3, 4])
    assert sentence(sides, found, marked("", "▲ 1", "NEW")) == told
    turned = lists([1, 2, 3], [2, 1, 3])
    assert sentence(sides, turned, marked("▲ 1", "▼ 1", "")).endswith(" moved 2 of 3.")
    same = lists([1, 2, 3], [1, 2, 3])
    assert "same list: this model goes by the history" in sentence(sides, same, marked("", "", ""))
    others = (sides[0], Side(Run(runs_dir / "two"), None, "c"))
    assert sentence(others, found, marked("", "▲ 1", "NEW")).startswith("The second model")


def test_two_models_beside_each_other_by_a_link(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "popularity", name="popular")
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_app("recommend", lang="en", user="u03", run="fusion", beside="run:popular")
    assert not app.exception and link(app, "beside") == "run:popular"
    assert sum(body.count('<ol class="pr-list"') for body in html_of(app)) == 2
    assert "The second model moved" in words(app) or "same list" in words(app)
    app.button(key="beside-close").click().run()
    assert "beside" not in app.query_params and "say-" in str([b.key for b in app.button])


def test_two_prompts_beside_each_other(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_app("recommend", lang="en", user="u03", wish="Drama")
    options = app.selectbox(key="beside-choice").options
    assert len(options) > 3
    app.selectbox(key="beside-choice").set_value("prompt:profile").run()
    assert not app.exception and link(app, "beside") == "prompt:profile"
    assert app.text_input(key="wish").value == "Drama"
    gone = open_app("recommend", lang="en", beside="prompt:no-such", **{"with": "../etc"})
    assert gone.selectbox(key="beside-choice").value == "" and not gone.exception


def test_a_picture_holds_words_and_nothing_else() -> None:
    hostile = [IMAGE, SCRIPT, "a\x00b\x1b\ufffe", "长" * 200, "]]><script>"]
    entries = [Entry(n, title, "", mark="NEW") for n, title in enumerate(hostile, start=1)]
    made_ = picture("You · “<wish>”", "Moved & new", ("<b>one</b>", "two"), (entries, entries[:2]))
    root = ElementTree.fromstring(made_)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags == {"svg", "rect", "line", "text"}
    texts = [element.text or "" for element in root.iter() if element.tag.endswith("text")]
    assert IMAGE[:30] in " ".join(texts) and "ab" in texts and "<b>one</b>" in texts
    long = next(text for text in texts if text.startswith("长"))
    assert long.endswith("…") and len(long) < 30
    assert "http" not in made_.replace("http://www.w3.org/2000/svg", "")
