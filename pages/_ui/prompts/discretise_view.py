"""Prompts page: words near to trained vectors, and the prompt with words in their place."""

from __future__ import annotations

import streamlit as st

from pages._ui.common.i18n import _, punctuation
from pages._ui.common.widgets import plain, section, show_error
from pages._ui.words import soft_words
from pages._ui.words.metric_words import icon, metric_title, signed
from recsys.lab.discretise import DiscretisedPrompt, discretise
from recsys.lab.effect import PromptLab
from recsys.runs import Run
from recsys.runs.curves import SoftPromptWords, follow
from recsys.schema import RecsysError


def draw(run: Run, lab: PromptLab) -> None:
    """The nearest words over time; asked for, the prompt in words and what that costs."""
    from recsys.models import protocols

    try:
        template = run.config.template
    except RecsysError as error:
        show_error(error)
        return
    words = protocols.soft_words(lab.model)
    if template is None or not words:
        st.caption(
            _(
                "This model has no trained vectors. Write {example} into a prompt and train with "
                "it.",
                example="`{{ soft(8) }}`",
            )
        )
        return
    section(
        _("What it learned, in words"),
        _(
            "Trained vectors are no words, but lie near some. What it costs to put words in their "
            "place says how much of what they learned the words hold."
        ),
    )
    last = SoftPromptWords(0, [[(word, like) for word, like in near] for near in words])
    soft_words.draw(follow(run.folder).soft or [last])
    asked = ("discretise", run.name)
    if st.button(_("Put it into words"), key="discretise-ask", icon=":material/translate:"):
        st.session_state["discretise_asked"] = asked
    if st.session_state.get("discretise_asked") != asked:
        return
    with st.spinner(_("Measuring the prompt in words …"), show_time=True):
        discrete = discretise(lab, template)
    st.subheader(_("The words found make no sentence"), anchor=False)
    st.caption(
        _(
            "Each vector became the one word that lies nearest to it; nothing makes these words "
            "belong together. So they are shown, and not offered as a prompt."
        )
    )
    chosen = [plain(word) for word in discrete.chosen if word]
    st.markdown(_("Nearest words: {words}", words=punctuation(", ").join(chosen) or "–"))
    _cost(discrete)


def _cost(discrete: DiscretisedPrompt) -> None:
    metric, change = next(iter(discrete.effect.metrics.items()))
    compared = change.comparison
    numbers = {
        "metric": metric_title(metric),
        "soft": f"{change.b:.4f}",
        "hard": f"{change.a:.4f}",
        "delta": f"**{signed(compared.delta)}**",
        "low": signed(compared.low),
        "high": signed(compared.high),
    }
    if compared.distinguishable:
        sentence = _(
            "With vectors {metric} is {soft}, in words {hard}: {delta} (95% interval {low} to "
            "{high}), more than chance.",
            **numbers,
        )
    else:
        sentence = _(
            "With vectors {metric} is {soft}, in words {hard}: {delta} (95% interval {low} to "
            "{high}), not distinguishable.",
            **numbers,
        )
    mark = icon(compared.delta, distinguishable=compared.distinguishable)
    st.markdown(f"{mark} {sentence}")
