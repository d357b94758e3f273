"""Prompts that people save, one `.j2` file each in one folder; unsaved edits, in the cache."""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from pathlib import Path

from pages._ui import store
from recsys.schema import N_, ConfigError

_NAME = re.compile(r"[^\W_][\w \-]{0,59}")
_DRAFT = re.compile(r"[0-9a-f]{16}")
#: Windows keeps these to itself.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10))}


def folder() -> Path:
    """Where saved prompts are: `$RECSYS_PROMPTS`, else `prompts/` where the app was started."""
    return Path(os.environ.get("RECSYS_PROMPTS") or "prompts")


def saved() -> dict[str, str]:
    """Saved prompts: name → source. Files that are no UTF-8 text or no valid name are left out."""
    found = {}
    for path in sorted(folder().glob("*.j2")):
        try:
            if _NAME.fullmatch(path.stem):
                found[path.stem] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
    return found


def save(name: str, source: str, *, taken: set[str]) -> str:
    """Save under a new name and return the name as it is used.

    Raises:
        ConfigError: the name has other characters than letters, digits, spaces and dashes (so
            that it cannot leave the folder), or it is taken.
    """
    tidy = unicodedata.normalize("NFC", name).strip()
    if not _NAME.fullmatch(tidy) or tidy.casefold() in _RESERVED:
        raise ConfigError(
            N_(
                'A prompt cannot be called "{name}". Use up to 60 letters, digits, spaces and '
                "dashes, beginning with a letter or digit."
            ),
            name=tidy[:80],
        )
    if tidy.casefold() in {other.casefold() for other in taken}:
        raise ConfigError(
            N_('There is already a prompt called "{name}". Choose another name.'), name=tidy
        )
    replace(tidy, source)
    return tidy


def replace(name: str, source: str) -> None:
    """Write a saved prompt anew."""
    store.write(folder() / f"{name}.j2", source)


def keep_draft(name: str, source: str) -> str:
    """Keep an unsaved edit of prompt `name`; returns its key, which is its content's hash."""
    text = json.dumps({"name": name, "source": source})
    key = hashlib.sha256(text.encode("ascii")).hexdigest()[:16]
    path = store.folder() / "drafts" / f"{key}.json"
    if not path.exists():
        store.write(path, text)
    return key


def read_draft(key: str) -> tuple[str, str] | None:
    """Name and source of an unsaved edit, or None where it is gone."""
    if not _DRAFT.fullmatch(key):
        return None
    try:
        draft = json.loads((store.folder() / "drafts" / f"{key}.json").read_text(encoding="utf-8"))
        return str(draft["name"]), str(draft["source"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
