"""Prompts that people save, with all their versions; unsaved edits, in the cache."""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from pathlib import Path

from pages._ui.common import store
from recsys.lab.remarks import Remarks
from recsys.lab.version import Version
from recsys.lab.version_store import PromptStore, checked_name
from recsys.schema import N_, ConfigError
from recsys.storage.files import read_json, unwritable

_DRAFT = re.compile(r"[0-9a-f]{16}")
#: Unsaved edits that are kept; of more, the oldest go.
_MOST_DRAFTS = 1000
_LONGEST_NAME = 200


def kept() -> PromptStore:
    """Saved prompts; files that somebody put into their folder are taken in."""
    prompts = PromptStore.default()
    prompts.adopt()
    return prompts


def saved() -> dict[str, str]:
    """Saved prompts: name → the text of the latest version."""
    prompts = kept()
    found = {}
    for name in prompts.names():
        with suppress(ConfigError):  # deleted just now
            found[name] = prompts.latest(name).source
    return found


def source(name: str) -> str | None:
    """The text of the latest version of a saved prompt; None where there is none."""
    try:
        return kept().latest(name).source
    except ConfigError:
        return None


def version(link: str) -> Version | None:
    """The version that `NAME@NUMBER` names, or None where there is none."""
    name, _at, number = link.rpartition("@")
    prompts = kept()
    if not number.isdecimal() or len(number) > 9 or name not in prompts.names():
        return None
    try:
        return prompts.get(name, int(number))
    except ConfigError:
        return None


def save(
    name: str, source: str, *, taken: set[str], note: str = "", remarks: Remarks | None = None
) -> str:
    """Save under a new name and return the name as it is used; see `PromptStore.save`.

    Raises:
        ConfigError: if the name is not allowed, or taken.
    """
    tidy = checked_name(name)
    if tidy.casefold() in {other.casefold() for other in taken}:
        raise ConfigError(
            N_('There is already a prompt called "{name}". Choose another name.'), name=tidy
        )
    return kept().save(tidy, source, note=note, remarks=remarks).name


def keep_draft(name: str, source: str) -> str:
    """Keep an unsaved edit of prompt `name`; returns its key, which is its content's hash."""
    text = json.dumps({"name": name, "source": source})
    key = hashlib.sha256(text.encode("ascii")).hexdigest()[:16]
    path = store.folder() / "drafts" / f"{key}.json"
    with suppress(OSError):
        if path.stat().st_size:
            os.utime(path)
            return key
    try:
        store.write(path, text)
        _drop_oldest(path.parent)
    except OSError as error:
        raise unwritable(path.parent, error) from error
    return key


def _drop_oldest(folder: Path) -> None:
    """Leave so many drafts as are kept; other sessions do the same at the same time."""
    drafts = []
    for path in folder.glob("*.json"):
        with suppress(OSError):
            drafts.append((path.stat().st_mtime, path))
    for _time, oldest in sorted(drafts)[:-_MOST_DRAFTS]:
        with suppress(OSError):
            oldest.unlink()


def read_draft(key: str) -> tuple[str, str] | None:
    """Name and source of an unsaved edit, or None where it is gone."""
    if not _DRAFT.fullmatch(key):
        return None
    try:
        draft = read_json(store.folder() / "drafts" / f"{key}.json")
        return str(draft["name"])[:_LONGEST_NAME], str(draft["source"])
    except (OSError, ValueError, KeyError):
        return None
