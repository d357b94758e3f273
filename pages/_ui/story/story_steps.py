"""What each step of the story shows, of a real person of the sample: one sentence, one picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from pages._ui.common import runs, shipped, state, store
from pages._ui.common.i18n import _, language, ngettext
from pages._ui.common.turns import my_turn
from pages._ui.html import story_markup
from pages._ui.html.list_markup import draw_history
from pages._ui.html.markup import draw, prompt_html
from pages._ui.prompts import prompt_preview
from pages._ui.recommend import suggest
from recsys.dataset import Dataset
from recsys.defaults import FLOOR
from recsys.runs import Run
from recsys.runs.demo import what_words_add
from recsys.scenarios import preset_of
from recsys.schema import N_

#: Somebody who likes science fiction and rated few enough films to be seen through.
PERSON = "261"
#: Of them: what stands in the picture on the first page.
RATED = ("The Terminator · 4\u00a0★", "Contact · 5\u00a0★", "Equilibrium · 5\u00a0★")
LISTED = ("Meet the Parents", "Ferris Bueller's Day Off", "Spaceballs")
#: Films of a list, and of the history: as many as a small screen shows whole.
_SHOWN = 6


@dataclass(frozen=True)
class Step:
    """A step: its title for the line of steps, and what draws its sentence and its picture."""

    title: str
    draw: Callable[[], None]


def wish() -> str:
    """What is wished for, in the language of the app."""
    preset = preset_of(state.DEFAULT_SAMPLE, language())
    assert preset is not None
    return preset.intents[0]


def _run() -> Run:
    run = runs.loaded(shipped.run())
    with st.spinner(_("Loading the model …"), show_time=True):
        runs.read(run)
    return run


def _history() -> None:
    data = store.load(store.sample(state.DEFAULT_SAMPLE))
    assert data is not None
    events = data[0]
    user = events.users.position(PERSON)
    count = len(events.history(user))
    sentence = ngettext(
        "A real person of MovieLens rated {count} film. Nothing else is known of them.",
        "A real person of MovieLens rated {count} films. Nothing else is known of them.",
        count,
    )
    story_markup.draw_said(sentence)
    latest = suggest.history(events, user)[: _SHOWN + 2]
    draw_history([replace(event, about="") for event in latest])


def _sentence() -> None:
    run = shipped.run()
    template = run.config.template
    assert template is not None
    story_markup.draw_said(
        _("A prompt puts that into words: a template, filled with what the person did.")
    )
    data = run.dataset()
    values = state.verbaliser_of(data).values(data.users.position(PERSON))
    rendered = template.render(values)
    draw(prompt_html(prompt_preview.spans(rendered, len(rendered.text))))
    st.caption(_("The coloured words come from the history; the marks are trained, not written."))


def _list() -> None:
    run = _run()
    said = _("A model reads this and ranks all {count} films. These come first.",
             count=f"{run.config.n_items:,}")  # fmt: skip
    story_markup.draw_said(said)
    data, found = run.dataset(), _suggested(run, "")
    story_markup.draw_films([_film(data, item) for item in found.items])


def _wish() -> None:
    run, words = _run(), wish()
    data, found = run.dataset(), _suggested(run, words)
    said = _(
        "A wish, typed in as one would say it: {changed} of {count} films are new, and still "
        "chosen for this person.",
        changed=suggest.changes(found),
        count=len(found.items),
    )
    story_markup.draw_said(said)
    story_markup.draw_typed(words)
    left, right = st.container(key="story-lists").columns(2, gap="large")
    kept = set(found.items.tolist())
    with left:
        st.caption(_("Without the wish"))
        story_markup.draw_films([_film(data, i, gone=i not in kept) for i in found.plain])
    with right:
        st.caption(_("With the wish"))
        before = {int(item): place for place, item in enumerate(found.plain)}
        story_markup.draw_films(
            [_film(data, i, _moved(before.get(int(i)), at)) for at, i in enumerate(found.items)],
            arriving=True,
        )


def _film(data: Dataset, item: int, mark: str = "", *, gone: bool = False) -> story_markup.Film:
    return story_markup.Film(str(data.titles[item]), suggest.about(data, int(item)), mark, gone)


def _moved(before: int | None, now: int) -> str:
    """How a film moved, as a mark; "" where it stayed."""
    if before is None:
        return _("NEW")
    return "" if before == now else f"▲ {before - now}" if before > now else f"▼ {now - before}"


def _suggested(run: Run, intent: str) -> suggest.Suggestions:
    """The person's list, by the model as it was trained."""
    model, data = run.model(), run.dataset()
    user = data.users.position(PERSON)
    with my_turn(model, intent):
        return suggest.suggest(
            model, data, user, k=_SHOWN, template=None, intent=intent, allowed=None
        )


def _words() -> None:
    run = shipped.run()
    measured = what_words_add(run)
    popular = run.evaluation()["baselines"][FLOOR]["ndcg@10"]["value"]
    times = measured["wish"]["value"] / measured["nothing"]["value"]
    story_markup.draw_said(
        _(
            "Knowing a wish, the model finds what {users} people went on to watch {times} times as "
            "well as without words.",
            users=measured["users"],
            times=f"{times:.1f}",
        )
    )
    values = [
        (_("What is popular, the same for everybody"), popular),
        (_("The model without any words about the person"), measured["nothing"]["value"]),
        (_("With the prompt"), measured["prompt"]["value"]),
        (_("With the prompt and a wish for one genre of that film"), measured["wish"]["value"]),
    ]
    most = max(value for _title, value in values)
    story_markup.draw_measured(
        [
            story_markup.Bar(title, f"{value:.3f}", value / most, strong=place == len(values) - 1)
            for place, (title, value) in enumerate(values)
        ]
    )
    gain = measured["prompt over nothing"]
    st.caption(
        _(
            "NDCG@10 of the model that ships, measured on films it never saw these people watch: "
            "1 if that film is always first, 0 if it is never among the first ten. The prompt "
            "alone adds {gain} [{low}, {high}].",
            gain=f"{gain['delta']:.3f}",
            low=f"{gain['low']:.3f}",
            high=f"{gain['high']:.3f}",
        )
    )


STEPS = (
    Step(N_("What somebody did"), _history),
    Step(N_("In words"), _sentence),
    Step(N_("A list"), _list),
    Step(N_("A wish"), _wish),
    Step(N_("What the words added"), _words),
)
