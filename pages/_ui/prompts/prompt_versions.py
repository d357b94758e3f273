"""Prompts page: every version of a saved prompt, what changed, and the way back to it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages._ui.common import runs, state, undo
from pages._ui.common.i18n import _, ngettext
from pages._ui.common.state import Prompt
from pages._ui.common.widgets import plain, show_error
from pages._ui.html import markup
from pages._ui.prompts import finding_view, prompt_files
from recsys.lab.version import Version
from recsys.lab.version_store import PromptStore
from recsys.prompts import LIBRARY
from recsys.prompts.diff import word_diff
from recsys.prompts.syntax import MAX_SOURCE
from recsys.schema import RecsysError
from recsys.storage.trash import name_of

#: The label of the version that is in use.
PRODUCTION = "production"
_UPLOAD = "prompt-upload"


def draw(prompt: Prompt) -> None:
    """The versions of the prompt being worked on, if it is a saved one; files in and out."""
    undo.offer("prompt", _deleted, _restore)
    prompts = prompt_files.kept()
    own = prompt.name not in LIBRARY
    versions = prompts.versions(prompt.name) if own else []
    odd = prompts.unreadable(prompt.name) if own else []
    title = ngettext("{count} version", "{count} versions", len(versions))
    with st.expander(title if versions else _("Files"), icon=":material/history:"):
        if versions:
            _versions(prompts, prompt, versions)
        if odd:
            st.caption(
                ":material/error: "
                + _(
                    "These versions cannot be read: {numbers}. Their files are damaged.",
                    numbers=runs.listed([str(number) for number in odd]),
                )
            )
        _import()


def choose(name: str, number: int) -> None:
    """Let the box of versions stand at one of them, before it is drawn."""
    st.session_state[_box(name)] = number


def _box(name: str) -> str:
    return f"version-of-{name}"


def _versions(prompts: PromptStore, prompt: Prompt, versions: Sequence[Version]) -> None:
    labels = prompts.labels(prompt.name)
    by_number = {version.number: version for version in versions}
    linked = prompt_files.version(state.linked("prompt") or "")
    number = st.selectbox(
        _("Version"),
        list(by_number),
        index=list(by_number).index(linked.number)
        if linked is not None and linked.number in by_number
        else 0,
        format_func=lambda number: _words(by_number[number], labels),
        key=_box(prompt.name),
    )
    version = by_number[number]
    st.caption(_("{version} beside the text above: what is new is underlined, what is gone is "
                 "struck through.", version=_("Version {number}", number=number)))  # fmt: skip
    markup.draw(markup.diff_html(word_diff(version.source, prompt.source)))
    if version.parent is not None:
        st.caption(_("Made from version {number}.", number=version.parent))
    remarks = prompts.remarks(version)
    if remarks is not None:
        finding_view.draw_kept(remarks)
    _scores(prompts, version)
    with st.container(horizontal=True):
        st.button(
            _("Go back to it"),
            icon=":material/restore:",
            key="version-restore",
            disabled=version.source == prompt.source,
            on_click=state.edit_prompt,
            args=(prompt.name, version.source),
        )
        in_use = labels.get(PRODUCTION) == number
        st.button(
            _("No longer in use") if in_use else _("Mark as in use"),
            icon=":material/label:",
            key="version-label",
            on_click=_label,
            args=(prompts, prompt.name, None if in_use else number),
        )
        st.download_button(
            _("Download"),
            version.to_file(),
            file_name=f"{prompt.name}-{number}.j2",
            mime="text/plain",
            icon=":material/download:",
            key="version-download",
            on_click="ignore",
        )
        st.button(
            _("Delete"),
            icon=":material/delete:",
            key="prompt-delete",
            on_click=_delete,
            args=(prompts, prompt.name),
        )


def _words(version: Version, labels: dict[str, int]) -> str:
    parts = [_("Version {number}", number=version.number), runs.moment(version.created)]
    if labels.get(PRODUCTION) == version.number:
        parts.append(_("in use"))
    if version.note:
        parts.append(version.note)
    return " · ".join(parts)


def _scores(prompts: PromptStore, version: Version) -> None:
    """What was measured of a version, a line a run."""
    scores: dict[str, str] = {}
    for score in prompts.scores(version.name, version.number):
        value = score["metrics"].get("ndcg@10")
        if value is not None:
            scores.setdefault(score["run"], f"NDCG@10 {value:.4f}")
    for run, words in list(scores.items())[:5]:
        st.caption(f"{words} · {plain(run)}")


def _import() -> None:
    """A `.j2` file as a prompt of one's own."""
    uploaded = st.file_uploader(
        _("Take in a prompt from a file"), type=["j2", "txt"], key=_UPLOAD, max_upload_size=1
    )
    if uploaded is None or st.session_state.get("prompt_taken") == uploaded.file_id:
        return
    st.session_state["prompt_taken"] = uploaded.file_id
    if uploaded.size > 4 * MAX_SOURCE:
        st.error(_("The file is too large for a prompt."))
        return
    try:
        text = uploaded.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        st.error(_("The file is not text in UTF-8. Save it as UTF-8 and try again."))
        return
    read = Version.from_file(text, name=uploaded.name.rpartition(".")[0])
    name = f"{read.name} 2" if read.name in LIBRARY else read.name
    try:
        kept = prompt_files.kept().save(
            name, read.source, note=_("from a file"), remarks=state.remarks(read.source)
        )
    except RecsysError as error:
        show_error(error)
        return
    state.use_prompt(kept.name)
    st.rerun()


def _label(prompts: PromptStore, name: str, number: int | None) -> None:
    undo.attempt(lambda: prompts.label(name, PRODUCTION, number))


def _delete(prompts: PromptStore, name: str) -> None:
    if undo.delete("prompt", lambda: prompts.delete(name)):
        state.link("prompt", None)


def _deleted(token: str) -> str:
    return _("The prompt {name} was deleted.", name=f"**{plain(name_of(token))}**")


def _restore(token: str) -> None:
    state.use_prompt(prompt_files.kept().restore(token))
