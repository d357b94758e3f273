"""The HTML helpers escape every word they are given."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser

import pytest

from pages._ui.charts import charts
from pages._ui.html import markup
from pages._ui.html.markup import RenderedPiece

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    "</div><style>*{display:none}</style>",
    "&lt;b&gt; {{ history }} [a](javascript:alert(1))",
]


class Tags(HTMLParser):
    """The tags and attribute names of a text, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("words", HOSTILE)
def test_words_stay_words(words: str) -> None:
    for html in (
        markup.prompt_html(
            [
                RenderedPiece(words, words),
                RenderedPiece(words, kept=False),
                RenderedPiece(words, soft=True),
            ]
        ),
        markup.lede_html(words),
        markup.sentences_html([words]),
        markup.legend_html([words]),
    ):
        read = Tags(html)
        assert read.tags <= {"div", "mark", "span", "p"}
        assert read.attributes <= {"class", "style", "title"}
        assert words in read.words


def test_variables_have_colours_of_their_own() -> None:
    html = markup.prompt_html(
        [RenderedPiece("a", "x"), RenderedPiece("b", "y"), RenderedPiece("c", "x")]
    )
    assert html.count(markup.tint(0)) == 2 and html.count(markup.tint(1)) == 1


def test_meter_turns_when_over() -> None:
    assert "pr-over" in markup.meter_html(1.2) and "100.0%" in markup.meter_html(1.2)
    assert "pr-over" not in markup.meter_html(0.5) and "50.0%" in markup.meter_html(0.5)


@pytest.mark.parametrize("words", HOSTILE)
def test_chart_labels_hold_no_tags(words: str) -> None:
    shown = charts.label(words, width=1000)
    assert "<" not in shown and unescape(shown) == words
    assert len(charts.label("x" * 100)) == 40
