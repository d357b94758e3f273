"""Deploy page: a service at work: its state and latency, a list to try, and how to ask it."""

from __future__ import annotations

from collections import deque
from functools import partial

import streamlit as st

from pages._ui.common import job_view, runs, shipped, undo
from pages._ui.common.i18n import _
from pages._ui.common.widgets import plain
from pages._ui.deploy import try_form
from recsys.jobs.status import Status
from recsys.runs import Run
from recsys.serving.client import Counts, counts, ready_run
from recsys.serving.reloading import reload
from recsys.serving.service import Service

#: So many looks, a second apart, are shown; the latency is that of the last of them.
_SHOWN = 60
_RECENT = 10
_NOTHING = "–"


def draw(service: Service, usable: list[Run]) -> None:
    """One service; what is live in it is drawn anew every second."""
    with st.container(border=True, key=f"service-{service.name}"):
        job_view.watch(service, partial(_live, service), shown_elsewhere=_state)
        if service.status().state == "serving":
            _take_over(service, usable)
            try_form.draw(service)


def draw_ending(service: Service) -> None:
    """Why a service ended, where nobody stopped it."""
    status = service.status()
    if status.state in ("failed", "interrupted"):
        with st.container(border=True, key=f"ended-{service.name}"):
            _heading(service, status)
            job_view.draw_message(status)
            job_view.draw_log(service, status)


def _state(status: Status) -> object:
    return status.state


def _heading(service: Service, status: Status) -> None:
    settings = service.settings()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(
            plain(service.name if settings is None else f"http://{settings.address}"),
            anchor=False,
            width="content",
        )
        runs.state_badge(status)


def _live(service: Service) -> None:
    """State, the run that answers, counts and latencies, and the button that stops it."""
    status = service.status()
    _heading(service, status)
    if status.state == "unresponsive":
        job_view.draw_unresponsive(service)
        return
    name = ready_run(service)
    if name is None:
        st.caption(_("The model is being loaded …"))
    else:
        st.caption(
            _("Answers with the model that ships with the app.")
            if name == shipped.NAME
            else _("Answers with the run {name}.", name=plain(name))
        )
    _numbers(service)
    asked = service.stop_requested()
    st.button(
        _("Stopping …") if asked else _("Stop"),
        icon=":material/stop_circle:",
        key=f"stop-{service.name}",
        help=_("What was begun is answered first."),
        disabled=asked,
        on_click=undo.press,
        args=(service.request_stop,),
    )


def _numbers(service: Service) -> None:
    """Requests and latencies of the last seconds, with the last minute as a line."""
    looks: deque[Counts] = st.session_state.setdefault(
        f"looks-{service.name}", deque(maxlen=_SHOWN + _RECENT)
    )
    if (found := counts(service)) is not None:
        looks.append(found)
    if not looks:
        return
    rates, medians, highest = [], [], []
    for place in range(1, len(looks)):
        recent = looks[place].since(looks[max(0, place - _RECENT)])
        rates.append((recent.answered + recent.refused) / min(place, _RECENT))
        medians.append(1000 * (recent.quantile(0.5) or 0.0))
        highest.append(1000 * (recent.quantile(0.99) or 0.0))
    last = looks[-1]
    shown = (
        (_("Lists made"), f"{last.answered:,}", None),
        (_("Refused"), f"{last.refused:,}", None),
        (_("Requests a second"), f"{rates[-1]:.1f}" if rates else _NOTHING, rates),
        (_("Half within"), _milliseconds(medians), medians),
        (_("99% within"), _milliseconds(highest), highest),
    )
    with st.container(horizontal=True, key=f"numbers-{service.name}"):
        for label, value, line in shown:
            st.metric(label, value, chart_data=line or None, chart_type="area", width=150)


def _milliseconds(values: list[float]) -> str:
    """The last of some latencies; a dash where nothing was asked."""
    return _("{ms} ms", ms=f"{values[-1]:.0f}") if values and values[-1] else _NOTHING


def _take_over(service: Service, usable: list[Run]) -> None:
    """Another run for the same service."""
    if len(usable) < 2:
        return
    with st.popover(_("Go on with another run"), icon=":material/swap_horiz:"):
        run = runs.choose(usable, key=f"take-over-{service.name}")
        st.caption(_("The present one answers until the other is loaded; no request is lost."))
        st.button(
            _("Go on with this run"),
            key=f"reload-{service.name}",
            on_click=undo.press,
            args=(partial(reload, service, run.name),),
        )
