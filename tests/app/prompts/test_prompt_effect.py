"""The Prompts page beside a trained model: what an edit does to everybody's list."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.prompts.effect_view import same
from recsys.lab.effect import PromptLab
from recsys.lab.readings import WORDS
from recsys.prompts import LIBRARY, Template
from tests.app.made_runs import made, tiny
from tests.app.support import Open, html_of, words


def table(app: AppTest) -> str:
    return next(body for body in html_of(app) if "pr-table" in body)


@pytest.mark.parametrize(
    ("lang", "told"),
    [("en", "No model trained on this data reads prompts yet"), ("zh", "还没有会读提示词的")],
)
def test_without_a_model_that_reads_there_is_a_way_to_one(
    open_tiny: Open, runs_dir: Path, lang: str, told: str
) -> None:
    made(runs_dir, "ease", name="words are nothing to it")
    app = open_tiny(lang=lang)
    assert told in words(app)
    app.button(key="first-model-effect").click().run()
    assert "train-start" in {button.key for button in app.button}


def test_the_trained_prompt_changes_nothing(open_tiny: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_tiny(lang="en")
    assert not app.exception and not app.error
    assert "This is the prompt that it is compared with." in words(app)
    assert "NDCG@10" in table(app) and "1.000" in table(app)
    assert "Who gains" not in words(app)


def test_an_edit_is_compared_with_what_it_began_as(open_tiny: Open, runs_dir: Path) -> None:
    run = made(runs_dir, "prompt-fusion", name="fusion")
    edited = Template.parse("Only comedies, please.")
    lab = PromptLab(run.model(), run.split().test)
    effect = lab.compare(edited, LIBRARY["profile"])
    alone = lab.compare(edited, LIBRARY["profile"], mode=WORDS)
    app = open_tiny(lang="en", prompt="profile")
    before = next(box for box in app.selectbox if box.label == "Compared with")
    assert before.value == ""  # what the model was trained with
    app.text_area(key="prompt-editor").set_value(edited.source).run()
    before = next(box for box in app.selectbox if box.label == "Compared with")
    assert before.value == "profile"
    assert not app.exception and not app.error
    for one in (alone, effect):
        moved = one.moved()
        assert f"{np.count_nonzero(moved)} of {len(moved)} lists changed" in words(app)
        assert f"{one.metrics['ndcg@10'].a:.4f}" in table(app)
    assert "has read the history anyway" in words(app)
    for one in (alone, effect):
        listed = [body for body in html_of(app) if '<ol class="pr-list"' in body]
        assert len(listed) == (2 if one.gains.any() else 0)  # of somebody who gains or loses
        for body in listed:
            assert "<img" not in body.split("<style>")[0]
        app.segmented_control(key="effect-mode").set_value("whole").run()


def test_a_prompt_that_cannot_be_read_has_no_effect(open_tiny: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_tiny(lang="en")
    app.text_area(key="prompt-editor").set_value("{{ history.x }}").run()
    assert len(app.error) == 1
    assert "Improve" not in {str(expander.label) for expander in app.expander}


def test_a_model_that_does_not_heed_its_prompt_is_named(runs_dir: Path) -> None:
    run = made(runs_dir, "prompt-fusion", name="deaf")
    lab = PromptLab(run.model(), run.split().test)
    template = LIBRARY["sequential"]
    effect = lab.compare(template, template)
    other = Template.parse("Likes {{ liked }}.")
    for before, heeds in ((template, True), (None, True), (other, False)):
        told = same(run, template, before)
        assert ("does not heed" in told and "**deaf**" in told) == (not heeds)
    assert effect.is_none


def test_a_place_for_vectors_is_explained_where_it_stands(open_tiny: Open) -> None:
    app = open_tiny(lang="en", prompt="sequential")
    assert "is a place for 8 vectors" in words(app)
    app.text_area(key="prompt-editor").set_value("Saw {{ history }}.").run()
    assert "is a place for" not in words(app)


def test_runs_on_other_data_are_left_out(open_tiny: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", tiny("other", shift=1), name="elsewhere")
    assert "No model trained on this data reads prompts yet" in words(open_tiny(lang="en"))


def test_what_each_part_is_worth(open_tiny: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_tiny(lang="en", prompt="intent", tool="worth")
    assert not any("Green parts" in caption.value for caption in app.caption)
    app.button(key="worth-ask").click().run()
    assert not app.exception and not app.error
    assert any("Green parts" in caption.value for caption in app.caption)
    heat = [body for body in html_of(app) if 'title="NDCG@10' in body]
    assert len(heat) == 2 and all("trained vectors" in one for one in heat)
    titles = [text.value for text in app.markdown]
    assert {"**What the words say**", "**On top of the history**"} <= set(titles)
    app.text_area(key="prompt-editor").set_value("Only <b>comedies</b>, please.").run()
    assert not any("Green parts" in caption.value for caption in app.caption)
    app.button(key="worth-ask").click().run()
    assert any("&lt;b&gt;comedies&lt;/b&gt;" in body for body in html_of(app))
    assert not any("Hollow marks" in caption.value for caption in app.caption)


def test_what_the_content_of_a_variable_is_worth(open_tiny: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_tiny(lang="en", prompt="sequential", tool="worth")
    app.button(key="worth-ask").click().run()
    assert not app.exception and not app.error
    assert any("Hollow marks" in caption.value for caption in app.caption)
    heat = next(body for body in html_of(app) if 'title="NDCG@10' in body)
    assert heat.count("with another value") == 2  # of the history and the interests
    table = next(frame.value for frame in app.dataframe if "Part" in frame.value)
    parts = table.set_index("Part")
    exchanged = parts[["New items with another value", "NDCG lost with another value"]]
    assert exchanged.loc[["{{ history }}", "{{ interests }}"]].notna().all(axis=None)
    assert exchanged.drop(["{{ history }}", "{{ interests }}"]).isna().all(axis=None)
    assert parts["NDCG lost without it"].notna().all()
