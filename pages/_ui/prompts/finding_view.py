"""What lint says of a prompt, now and when a version was saved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from pages._ui.common.i18n import _, say
from pages._ui.common.widgets import plain
from recsys.lab.remarks import Remarks
from recsys.prompts import Finding

_ICONS = {"error": ":material/error:", "warning": ":material/warning:", "hint": ":material/info:"}


def draw(found: Sequence[Finding]) -> None:
    """What is worth knowing about the prompt, the gravest first."""
    if not found:
        st.caption(":material/check_circle: " + _("Nothing to improve."))
    for finding in _gravest_first(found):
        words = plain(say(finding.message))
        if finding.severity == "error":
            st.error(words, icon=_ICONS["error"])
        elif finding.severity == "warning":
            st.warning(words, icon=_ICONS["warning"])
        else:
            st.caption(f"{_ICONS['hint']} {words}")


def draw_kept(remarks: Remarks) -> None:
    """The remarks on a version when it was saved, in small grey text."""
    sentence = _(
        "Checked when it was saved, on the data {data} ({hash}), for user {user}:",
        data=plain(remarks.data),
        hash=plain(remarks.data_hash[:8]),
        user=plain(remarks.user),
    )
    if not remarks.findings:
        st.caption(f":material/check_circle: {sentence} " + _("Nothing to improve."))
        return
    st.caption(sentence)
    for finding in _gravest_first(remarks.findings):
        st.caption(f"{_ICONS[finding.severity]} {plain(say(finding.message))}")


def _gravest_first(found: Iterable[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: list(_ICONS).index(finding.severity))
