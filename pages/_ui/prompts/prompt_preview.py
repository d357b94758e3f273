"""Prompts page, right: the prompt as a language model will read it for one user."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages._ui.common import language_model_choice, state
from pages._ui.common.i18n import _, ngettext, say
from pages._ui.html import markup
from pages._ui.html.markup import RenderedPiece
from recsys.language_models import DEFAULT_LANGUAGE_MODEL, first_that_reads, needs_conversion
from recsys.prompts import Fitted, RenderedPrompt, Template, fit_tokens
from recsys.schema import LanguageModelError

#: Begin and end marks that the language model adds to every text.
_MARKS = 2


def draw(rendered: RenderedPrompt) -> None:
    """The words at once; their count when the language model's word list is loaded."""
    names = [s.variable for s in rendered.segments if s.variable is not None]
    meter, words = st.empty(), st.empty()
    with meter.container():
        st.caption(_("Counting…"))
    with words.container():
        _words(spans(rendered, len(rendered.text)), names)
    try:
        fitted, limit = _fit(rendered.text, _counted_by())
    except LanguageModelError as error:
        meter.caption(say(error.message))
        return
    with meter.container():
        _meter(fitted, limit)
    if fitted.cut:
        with words.container():
            _words(spans(rendered, len(fitted.kept)), names)


def explain_vectors(template: Template) -> None:
    """What the marks of trained vectors are, beside where they stand."""
    if template.soft_tokens:
        st.caption(
            _(
                "{place} is a place for {count} vectors: numbers that training chooses so that the "
                "lists get better, read like words though they are none. Before training they say "
                "nothing.",
                place=f"`{{{{ soft({template.soft_tokens}) }}}}`",
                count=template.soft_tokens,
            )
        )


def spans(rendered: RenderedPrompt, kept: int) -> list[RenderedPiece]:
    """The segments as spans, split where the language model stops reading: after `kept` letters."""
    result = []
    place = 0
    for segment in rendered.segments:
        if segment.kind == "soft":
            mark = ngettext("{count} trained vector", "{count} trained vectors", segment.n)
            result.append(RenderedPiece(mark, soft=True))
            continue
        inside = min(max(kept - place, 0), len(segment.text))
        for text, is_kept in ((segment.text[:inside], True), (segment.text[inside:], False)):
            if text:
                result.append(RenderedPiece(text, segment.variable, kept=is_kept))
        place += len(segment.text)
    return result


def _words(pieces: Sequence[RenderedPiece], variables: Sequence[str]) -> None:
    if not any(piece.text for piece in pieces):
        st.caption(_("The prompt is empty for this user."))
        return
    if variables:
        markup.draw(markup.legend_html(list(dict.fromkeys(variables))))
    markup.draw(markup.prompt_html(pieces))


def _meter(fitted: Fitted, limit: int) -> None:
    tokens = ngettext("{count} token", "{count} tokens", fitted.tokens)
    if fitted.cut:
        sentence = _(
            "{tokens}; only {limit} are read, the rest is struck through.",
            tokens=tokens,
            limit=limit,
        )
    else:
        sentence = _(
            "{tokens} of {limit} that the language model reads.", tokens=tokens, limit=limit
        )
    markup.draw(markup.meter_html(fitted.tokens / limit))
    st.caption(sentence)


def _counted_by() -> str:
    """The language model that training begins with on this data, unless it has to be converted."""
    written_in = language_model_choice.language_of(state.prompt())
    name = first_that_reads(state.dataset().language, written_in)
    return DEFAULT_LANGUAGE_MODEL if needs_conversion(name) else name


@st.cache_data(max_entries=256, show_spinner=False)
def _fit(text: str, name: str) -> tuple[Fitted, int]:
    """Count and cut with the tokenizer of the language model called `name`."""
    from recsys.language_models import load_encoder

    encoder = load_encoder(name)
    limit = encoder.max_tokens - _MARKS
    return fit_tokens(text, lambda part: len(encoder.tokenize(part)), limit), limit
