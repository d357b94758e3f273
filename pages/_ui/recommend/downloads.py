"""Recommend page: lists as files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages._ui.common.i18n import _, ngettext
from pages._ui.common.turns import TURNS, one_torch_thread
from pages._ui.recommend import suggest
from pages._ui.recommend.list_request import ListRequest
from pages._ui.recommend.person import Person
from recsys.recommend import allowed_items, recommend
from recsys.runs import Run
from recsys.sources.export import to_csv_bytes

if TYPE_CHECKING:  # models bring torch, which the first page must not wait for
    from recsys.models import Recommender


def draw(
    run: Run,
    model: Recommender,
    of: Person,
    request: ListRequest,
    found: suggest.Suggestions,
) -> None:
    from recsys.models import Queries

    data = run.dataset()

    def everyone() -> bytes:
        queries = Queries(
            data,
            np.arange(data.n_users),
            request.options.template,
            request.intent,
            history_weight=request.options.history_weight,
            corrections=request.corrections,
            strength=request.strength,
        )
        wanted = request.options.wanted
        everybody = allowed_items(data, wanted) if wanted else None
        with TURNS.turn(), one_torch_thread():
            return to_csv_bytes(recommend(model, queries, request.options.k, everybody))

    st.space("small")
    with st.container(horizontal=True):
        st.download_button(
            _("Download this list"),
            lambda: to_csv_bytes(found.table),
            file_name=f"{run.name}-{_file_part(of.data.users.ids[of.user])}.csv",
            mime="text/csv",
            icon=":material/download:",
            key="download-user",
            on_click="ignore",
        )
        st.download_button(
            ngettext("Download for {count} user", "Download for all {count} users", data.n_users),
            everyone,
            file_name=f"{run.name}-all-users.csv",
            mime="text/csv",
            icon=":material/download:",
            key="download-all",
            on_click="ignore",
        )


def _file_part(user_id: str) -> str:
    """An id as part of a file name, whatever is in it."""
    return re.sub(r"[^\w-]+", "-", user_id)[:40].strip("-") or "user"
