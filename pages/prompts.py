"""Prompts: choose and edit a template, and read it as the language model will."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from pages._ui.common import language_model_choice, state
from pages._ui.common.i18n import _
from pages._ui.common.widgets import next_step, page_header, pick_user, show_error
from pages._ui.prompts import (
    effect,
    finding_view,
    prompt_compare,
    prompt_editor,
    prompt_preview,
    prompt_versions,
)
from recsys.prompts import Template, lint
from recsys.scenarios import preset_of
from recsys.schema import RecsysError

page_header("prompts")
language_model_choice.warn_of_first()
data = state.dataset()
verbaliser = state.verbaliser()

left, right = st.columns([6, 5], gap="large")
with left:
    prompt = prompt_editor.draw()
    remarks = st.container()
with right, st.container(key="prompt-beside"):  # stays in sight while one types, see style.css
    with st.container(horizontal=True):
        with st.container(width=150):
            user = pick_user(data, key="prompt-user")
        preset = preset_of(state.origin(), state.words_language(), prompt.name)
        intent = st.text_input(
            _("What they ask for (optional)"),
            key="prompt-intent",
            placeholder=preset.intents[0] if preset else "",
            max_chars=500,
        )
    if user is None:
        st.stop()
    values = verbaliser.values(
        user, intent=intent, now=datetime.now(), language=state.words_language()
    )
    reading = st.container()
    verdict = st.container()  # below, as it comes last and grows: what is read stays in its place

prompt_editor.completion(verbaliser.variables(), values)
found = lint(prompt.source, values)
with remarks:
    finding_view.draw(found)
broken = any(finding.severity == "error" for finding in found)

effects = st.container()
prompt_versions.draw(prompt)
prompt_compare.draw(prompt)
prompt_editor.variables(verbaliser.variables(), values)
next_step(
    "prompts",
    label=_("Train with this prompt"),
    disabled=broken,
    note=_("Mend what is marked first.") if broken else None,
)

# Last, because counting tokens loads the language model's word list, some seconds the first time.
with reading:
    try:
        template = Template.parse(prompt.source, prompt.name)
        prompt_preview.draw(template.render(values))
        prompt_preview.explain_vectors(template)
    except RecsysError as error:
        if not broken:
            show_error(error)
        st.caption(_("The prompt is shown here once it can be read."))
if not broken:
    effect.draw(prompt, verdict, effects)
