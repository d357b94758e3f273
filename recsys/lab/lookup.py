"""Looking for words in everything that is kept: names, notes and texts of all versions."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from recsys.lab.version import Version
from recsys.lab.version_store import PromptStore
from recsys.prompts import LIBRARY

#: Characters of an excerpt on either side of the word that was found.
_AROUND = 40


@dataclass(frozen=True)
class Hit:
    """A prompt that has all the words.

    Attributes:
        name: of the prompt.
        version: None for a prompt of the library.
        excerpt: its text around the first of the words that the text has, on one line.
    """

    name: str
    version: Version | None
    excerpt: str

    @property
    def link(self) -> str:
        """As `find_prompt` takes it: `NAME@NUMBER`, or the name of one of the library."""
        return self.name if self.version is None else f"{self.name}@{self.version.number}"


def look_up(prompts: PromptStore, words: str) -> list[Hit]:
    """Prompts in whose name, note and text taken together all words occur, in any case.

    A word may be part of another, so that Chinese, which has no spaces, is found too. Saved
    prompts come by name, their latest version first, then those of the library; nothing for no
    words.
    """
    sought = list(dict.fromkeys(_folded(words).split()))
    if not sought:
        return []
    found = []
    for name in prompts.names():
        for version in prompts.versions(name):
            if _has(sought, name, version.note, version.source):
                found.append(Hit(name, version, _excerpt(version.source, words)))
    for name, template in LIBRARY.items():
        if _has(sought, name, template.title, template.description, template.source):
            found.append(Hit(name, None, _excerpt(template.source, words)))
    return found


def _folded(text: str) -> str:
    """Without differences of case and of width."""
    return unicodedata.normalize("NFKC", text).casefold()


def _has(sought: list[str], *texts: str) -> bool:
    text = _folded("\n".join(texts))
    return all(word in text for word in sought)


def _excerpt(source: str, words: str) -> str:
    found = (re.search(re.escape(word), source, re.IGNORECASE) for word in words.split())
    place = next((match.start() for match in found if match), 0)
    begin, end = max(place - _AROUND, 0), place + 2 * _AROUND
    if begin:
        begin = source.find(" ", begin, place) + 1 or begin  # not amid a word
    before, after = "…" if begin else "", "…" if end < len(source) else ""
    return f"{before}{' '.join(source[begin:end].split())}{after}"
