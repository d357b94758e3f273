"""Whether a text names something of some data: a user, an item, or a fact."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from recsys.dataset import Dataset

#: A shorter id, such as "12", says nothing of whose it is.
_SHORTEST = 4
_WORD = re.compile(r"\w+")
#: In place of the first word of names in a script that sets no spaces.
_UNSPACED = ""


@dataclass(frozen=True)
class Mentions:
    """What the data names, by its first word, so that a text is looked through once."""

    names: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, data: Iterable[Dataset]) -> Self:
        """Ids of users and items, titles and facts; values such as "Drama" are anybody's words."""
        names: dict[str, set[str]] = defaultdict(set)
        for each in data:
            facts = [] if each.knowledge is None else each.knowledge["fact"].tolist()
            for name in (*each.users.ids, *each.items.ids, *each.titles, *facts):
                word = _WORD.search(str(name))
                if word is None or len(str(name)) < _SHORTEST:
                    continue
                unspaced = "\u3040" <= word[0][0] <= "\u9fff"
                names[_UNSPACED if unspaced else word[0]].add(str(name))
        return cls({word: tuple(of_word) for word, of_word in names.items()})

    def in_text(self, text: str) -> bool:
        """Whether one of the names is in a text, as whole words where it has spaces around them."""
        words = set(_WORD.findall(text))
        return any(
            name in text and (word == _UNSPACED or _whole(name, text))
            for word, of_word in self.names.items()
            if word in words or word == _UNSPACED
            for name in of_word
        )

    def in_file(self, path: Path) -> bool:
        """The same of a template, or of a draft of one; a file that is gone has none."""
        try:
            text = path.read_text("utf-8", errors="replace")
            return self.in_text(str(json.loads(text)["source"]) if path.suffix == ".json" else text)
        except (OSError, ValueError, LookupError, TypeError):
            return False


def _whole(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
