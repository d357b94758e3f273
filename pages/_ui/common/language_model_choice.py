"""The choice of the language model, and warnings for one that is missing or reads no Chinese."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import state
from pages._ui.common.i18n import _, punctuation
from pages._ui.common.widgets import plain
from recsys.language_models import (
    LANGUAGE_MODELS,
    LanguageModel,
    cannot_read,
    describe,
    first_that_reads,
    is_installed,
    known_names,
)
from recsys.prompts import Template
from recsys.schema import N_, LanguageModelError, Message, TemplateError

#: The last choice: one that is typed.
_OTHER = "other"
_LANGUAGES = {"en": N_("English"), "zh": N_("Chinese")}


def language_of(prompt: state.Prompt) -> str:
    """The language of a prompt; that of the data where something is wrong with it."""
    try:
        return Template.parse(prompt.source).language
    except TemplateError:
        return state.dataset().language


def draw(prompt: str, *, tuned: bool) -> str | None:
    """A select box of language models, and a place for others.

    It begins with one that reads the languages of the data and of the prompt, where there is one on
    this machine. Returns the name chosen; None, and shows what to do, where it is not available.

    Args:
        prompt: the language of the prompt.
        tuned: the model trains through it, so that only those that can be tuned are offered.
    """
    language = state.dataset().language
    ending = "-tuned" if tuned else ""
    fixed = {model.name for model in LANGUAGE_MODELS.values() if tuned and not model.tunable}
    names = [*(name for name in known_names() if name not in fixed), _OTHER]
    chosen = st.selectbox(
        _("Language model"),
        names,
        index=names.index(first_that_reads(language, prompt, tunable=tuned)),
        format_func=words,
        key=f"train-language-model-{'-'.join(dict.fromkeys([language, prompt]))}{ending}",
        help=_(
            "What reads the words of the data and of the prompt. Larger ones read better and take "
            "longer."
        ),
    )
    if chosen == _OTHER:
        chosen = st.text_input(
            _("Folder or id of the language model"),
            key="train-language-model-name",
            placeholder="gpt2",
            max_chars=500,
        ).strip()
        if not chosen:
            st.caption(
                _(
                    "Name a folder with a language model, or the id of one that was downloaded "
                    "from Hugging Face."
                )
            )
            return None
    try:
        model = describe(chosen)
    except LanguageModelError as error:
        st.error(_with_command(error.message), icon=":material/error:")
        return None
    warn(model)
    return model.name


def warn_of_first() -> None:
    """Warn where no model on this machine reads the language of the data."""
    warn(LANGUAGE_MODELS[first_that_reads(state.dataset().language)])


def warn(model: LanguageModel) -> None:
    """Warn where the model does not read the language of the data, and offer one that does."""
    message = cannot_read(model, state.dataset().language)
    if message is not None:
        st.warning(_with_command(message), icon=":material/translate:")


def _with_command(message: Message) -> str:
    """The message as Markdown, its command as code, which can be copied as it is."""
    marked = {k: f"`{v}`" if k == "command" else plain(v) for k, v in message.params.items()}
    return _(message.template, **marked)


def words(name: str) -> str:
    """A language model in a list to choose from; plain text."""
    if name == _OTHER:
        return _("Another: a folder, or a Hugging Face id")
    if name in LANGUAGE_MODELS and not is_installed(name):
        return _("{title} (not installed)", title=_described(LANGUAGE_MODELS[name]))
    return _described(describe(name))


def _described(model: LanguageModel) -> str:
    size = f"{model.parameters / 1e6:,.0f}"
    if not model.languages:
        return _("{title}, {size}M parameters", title=model.name, size=size)
    languages = punctuation(", ").join(_(_LANGUAGES[code]) for code in model.languages)
    return _(
        "{title}, reads {languages}, {size}M parameters",
        title=model.title,
        languages=languages,
        size=size,
    )
