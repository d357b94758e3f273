"""Knowledge on the Data page, and the palette of the Prompts page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.common import store
from recsys.cleaning import CleaningReport
from tests.app.made_runs import tiny
from tests.app.support import Open, html_of, link, settle, words

FACTS = (
    "subject,relation,object\nFilm 3,<b>directed</b> by,[x](http://y)\nNobody,by,X\n"
    "war,is set in,the trenches\n"
)


def with_file(app: AppTest, content: str) -> AppTest:
    uploader = next(u for u in app.file_uploader if str(u.key).startswith("file-knowledge"))
    settle(uploader.upload("facts.csv", content.encode()).run())
    assert not app.exception
    return app


@pytest.fixture
def open_data(open_app: Open) -> Open:
    data = tiny()
    store.save(data, CleaningReport((), data.n_events, data.n_events), "upload")

    def opened(lang: str) -> AppTest:
        return open_app("data", lang=lang, data=data.content_hash)

    return opened


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_facts_are_shown_added_kept_and_taken_out_again(
    open_app: Open, open_data: Open, lang: str
) -> None:
    app = with_file(open_data(lang=lang), FACTS)
    bare = link(app, "data")
    assert [e for e in app.expander if "**1 row**" in e.label or "**1 行**" in e.label]
    app.button(key="add-knowledge").click().run()
    assert not app.exception and not app.error
    key = link(app, "data")
    assert key != bare
    again = open_app("data", lang=lang, data=key)
    shown = [frame.value for frame in again.dataframe]
    facts = next(frame for frame in shown if frame.columns[0] in ("Facts", "事实"))
    assert facts.iloc[:, 0].tolist() == [
        "Film 3: <b>directed</b> by [x](http://y)",
        "War: is set in the trenches",
    ]
    again.button(key="remove-knowledge").click().run()
    assert link(again, "data") == bare
    again.button(key="put-back-knowledge").click().run()
    assert not again.exception
    assert link(again, "data") == key


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "title,x\nNobody,y\n", "\0\1\2"])
def test_a_file_that_says_nothing_is_one_sentence(open_data: Open, content: str) -> None:
    app = with_file(open_data(lang="en"), content)
    assert len(app.error) == 1
    assert not [b for b in app.button if b.key == "add-knowledge"]


def test_the_example_of_a_sample_joins_and_survives_other_cleaning(open_app: Open) -> None:
    app = open_app("data", lang="en")
    app.button(key="choose-attractions").click().run()
    app.button(key="try-facts").click().run()
    assert not app.exception and not app.error
    key = link(app, "data")
    next(b for b in app.button if b.label == "Clean again").click().run()
    assert link(app, "data") == key  # the same settings, and the same facts


def test_a_prompt_tells_them(open_app: Open, open_data: Open) -> None:
    app = with_file(open_data(lang="en"), FACTS)
    app.button(key="add-knowledge").click().run()
    page = open_app("prompts", lang="en", data=link(app, "data"))
    page.text_area(key="prompt-editor").set_value("{{ knowledge }}").run()
    shown = next(body for body in html_of(page) if "pr-prompt" in body)
    assert "War: is set in the trenches" in shown
    assert "<b>" not in shown


class TestPalette:
    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_a_click_adds_a_line_and_another_a_filter(self, open_tiny: Open, lang: str) -> None:
        app = open_tiny(lang=lang)
        before = app.text_area(key="prompt-editor").value
        app.button_group(key="palette-met").set_value("liked").run()
        assert not app.exception
        expected = before.rstrip() + "\n{% if liked %}{{ liked }}{% endif %}"
        assert app.text_area(key="prompt-editor").value == expected
        assert "`liked`" in words(app)
        app.button_group(key="palette-group").set_value("filters").run()
        app.button_group(key="palette-filters").set_value("truncate_tokens").run()
        assert not app.exception and not app.error
        expected = expected.replace("{{ liked }}", "{{ liked|truncate_tokens(60) }}")
        assert app.text_area(key="prompt-editor").value == expected

    def test_a_filter_needs_something_to_filter(self, open_tiny: Open) -> None:
        app = open_tiny(lang="en")
        app.text_area(key="prompt-editor").set_value("Hello.").run()
        app.button_group(key="palette-group").set_value("filters").run()
        app.button_group(key="palette-filters").set_value("last").run()
        assert app.text_area(key="prompt-editor").value == "Hello."
        assert "There is no `{{ … }}` in the prompt yet." in words(app)

    def test_attributes_have_their_summaries(self, open_tiny: Open) -> None:
        app = open_tiny(lang="en")
        app.button_group(key="palette-group").set_value("attributes").run()
        options = app.button_group(key="palette-attributes").options
        assert {"genres", "recent_genres", "genres_counts"} <= {str(o) for o in options}
