"""Deploy page: a request to try, and the same in the words of a program."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages._ui.common import undo
from pages._ui.common.i18n import _
from pages._ui.common.widgets import plain, section
from pages._ui.html.list_markup import Entry, draw_ranked
from recsys.request_text import MAX_WISH
from recsys.runs.finding import find_run
from recsys.schema import RecsysError
from recsys.serving.client import ask
from recsys.serving.limits import MAX_ID
from recsys.serving.reloading import pointed_to
from recsys.serving.service import Service
from recsys.serving.settings import ServiceSettings
from recsys.serving.snippets import snippets

_LANGUAGES = {"curl": "bash", "Python": "python", "JavaScript": "javascript"}
_K = 5


def draw(service: Service) -> None:
    """The form with its answer, beside the code that asks the same."""
    settings = service.settings()
    if settings is None:
        return
    left, right = st.columns(2, gap="large")
    with left:
        section(_("Try it"))
        request = _form(service)
        answered = st.session_state.get(_key(service))
        if answered is not None:
            _answer(answered)
    with right:
        section(_("From a program"))
        _snippets(settings, request)


def _form(service: Service) -> dict[str, Any]:
    """What is asked; sent when the button is pressed."""
    with st.form(f"try-{service.name}", border=False):
        user = st.text_input(
            _("User"), _somebody(service), max_chars=MAX_ID, key=f"try-user-{service.name}"
        )
        wish = st.text_input(
            _("What do they wish for?"), max_chars=MAX_WISH, key=f"try-wish-{service.name}"
        )
        sent = st.form_submit_button(_("Send"), icon=":material/send:")
    request: dict[str, Any] = {"user_id": user, "k": _K}
    if wish:
        request["wish"] = wish
    if sent:
        undo.attempt(lambda: st.session_state.update({_key(service): ask(service, request)}))
    return request


def _somebody(service: Service) -> str:
    """A user of the data that the service answers for."""
    try:
        return str(find_run(pointed_to(service.folder)).dataset().users.ids[0])
    except (RecsysError, OSError):
        return ""


def _answer(answered: dict[str, Any]) -> None:
    """The list, or the error in the service's own words; and all of the answer as it came."""
    if "error" in answered:
        st.error(plain(answered["error"]), icon=":material/error:")
    else:
        draw_ranked(
            [
                Entry(rank=item["rank"], title=item["title"], about="", why="")
                for item in answered["items"]
            ]
        )
    with st.expander(_("The answer as it came")):
        st.json(answered)


def _snippets(settings: ServiceSettings, request: dict[str, Any]) -> None:
    codes = snippets(settings, request)
    for tab, (name, code) in zip(st.tabs(list(codes)), codes.items(), strict=True):
        with tab:
            st.code(code, language=_LANGUAGES[name], wrap_lines=True)


def _key(service: Service) -> str:
    return f"answer-{service.name}"
