"""Deploy: a trained model as a service over HTTP: start, watch, try and stop it."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import empty, runs
from pages._ui.common.i18n import _
from pages._ui.common.widgets import page_header
from pages._ui.deploy import service_view, start_form
from recsys.serving.service import services


def main() -> None:
    with st.spinner(_("Getting the models ready…"), show_time=True):  # PyTorch takes seconds, once
        usable = runs.usable_runs()
    found = services()
    at_work = [service for service in found if service.status().active]
    for service in at_work:
        service_view.draw(service, usable)
    if not usable:
        empty.no_model(key="deploy")
        return
    with st.expander(_("Start a service"), icon=":material/add:", expanded=not at_work):
        start_form.draw(usable, {service.name for service in at_work})
    for service in found:
        if service not in at_work:
            service_view.draw_ending(service)


page_header("deploy")
main()
