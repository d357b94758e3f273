"""What is deleted leaves the memory too, and what is too old is deleted."""

from __future__ import annotations

import streamlit as st

from recsys.lab.version_store import PromptStore
from recsys.privacy import retention
from recsys.privacy.copies import erased_at
from recsys.runs import runs_folder
from recsys.wishes.reader_cache import forget_readers

#: What `erased_at` said when it was last looked at, in any session.
_seen: list[int] = []


def begin() -> None:
    """Called at the start of every run of the script."""
    _sweep()
    now = erased_at()
    if _seen and _seen[-1] != now:  # by this process or by another one
        st.cache_data.clear()
        st.cache_resource.clear()
        forget_readers()
    _seen[:] = [now]


@st.cache_resource(ttl="6h", show_spinner=False)
def _sweep() -> None:
    """Done when the app starts, and a few times a day."""
    retention.sweep(runs_folder(), PromptStore.default().folder)
