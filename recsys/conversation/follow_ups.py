"""How a question goes on from the answer before it, by its words alone, English or Chinese.

"Why the first one?", "not that one, I've seen it", "more", "something scarier": such words are no
wish of their own, and refer to the answer before. And "what is the capital
of Peru?" is no question about items at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from recsys.conversation import phrases
from recsys.wishes.control.corrections import Corrections

Kind = Literal["anew", "why", "others", "goes on", "no", "not about items"]


@dataclass(frozen=True)
class Conversation:
    """What is to be remembered between two questions of a user.

    Attributes:
        wish: what was asked for, all questions together that go on from each other.
        last: positions of the items that were named last, the best first.
        named: positions of all items named for this wish.
        excluded: positions of those that the user does not want, or knows.
        focus: which of `last` "that one" is.
        corrections: what the user said of what was understood of the wish.
    """

    wish: str = ""
    last: tuple[int, ...] = ()
    named: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    focus: int = 0
    corrections: Corrections = field(default_factory=Corrections)


@dataclass(frozen=True)
class FollowUp:
    """What a question means after the answer before it.

    Attributes:
        kind: "anew" is a wish of its own; "why" asks for the reason of an item; "others" for other
            items of the same wish; "goes on" adds `adds` to the wish; "no" refuses the items
            `which` (and may add to the wish); "not about items" cannot be answered.
        which: positions in the last list that the question refers to, from 0.
        adds: what the wish is from now on besides what it was; "" for nothing.
        newer: +1 or -1 where items later or earlier than those of before are wanted, else 0.
    """

    kind: Kind
    which: tuple[int, ...] = ()
    adds: str = ""
    newer: int = 0


def follow_up(question: str, titles: Sequence[str] = (), focus: int = 0) -> FollowUp:
    """Read a question.

    Args:
        titles: of the items that were named last, the best first; none where nothing was.
        focus: the place of the item that "that one" means.
    """
    asked = question.strip()
    if titles and (why := _why(asked, titles, focus)) is not None:
        return why
    if not titles:
        return FollowUp("not about items" if _is_elsewhere(asked) else "anew")
    newer = _direction(asked)
    adds = _compared(asked) if not newer else ""
    refused = _refused(asked, titles, focus)
    if refused:
        return FollowUp("no", refused, adds, newer)
    if adds or newer:
        return FollowUp("goes on", (), adds, newer)
    if _is_elsewhere(asked) and not phrases.OTHERS.search(asked):
        return FollowUp("not about items")
    if phrases.OTHERS.search(asked):
        return FollowUp("others", adds="" if phrases.ONLY_OTHERS.fullmatch(asked) else asked)
    if phrases.GOES_ON.match(asked):
        return FollowUp("goes on", adds=asked)
    return FollowUp("anew")


def is_question(text: str) -> bool:
    """Whether a text is a question, rather than a statement of what somebody would like."""
    return bool(phrases.ASKS.search(text))


def speaks_of_items(text: str) -> bool:
    """Whether words ask for something to watch, read, buy and the like."""
    return bool(phrases.ITEMS.search(text))


def _why(asked: str, titles: Sequence[str], focus: int) -> FollowUp | None:
    if not phrases.WHY.search(asked) or phrases.WHY_NOT.search(asked):
        return None
    which = _places(asked, titles)
    if which or phrases.REFERS.search(asked) or phrases.BARE_WHY.fullmatch(asked):
        return FollowUp("why", which[:1] or (min(focus, len(titles) - 1),))
    return None


def _refused(asked: str, titles: Sequence[str], focus: int) -> tuple[int, ...]:
    """Which of the items named last somebody does not want; none where nothing is refused."""
    if phrases.ALIKE.search(asked):
        return ()
    if not phrases.REFUSES.search(asked):
        return _places(asked, titles) if phrases.KNOWS.search(asked) else ()
    if phrases.ALL.search(asked):
        return tuple(range(len(titles)))
    which = _places(asked, titles)
    return which or (min(focus, len(titles) - 1),)


def _places(asked: str, titles: Sequence[str]) -> tuple[int, ...]:
    """The items that a text refers to, by their number or their title."""
    found = set()
    for place, title in enumerate(titles):
        bare = re.sub(r"\s*\(\d{4}\)$", "", title).strip()
        bare = re.sub(r"^(.*), (The|A|An)$", r"\2 \1", bare)
        if bare and re.search(_whole(bare), asked, _case(bare)):
            found.add(place)
    for match in phrases.NUMBER.finditer(asked):
        word = next(filter(None, match.groups())).lower()
        place = len(titles) - 1 if word in ("last", "最后") else phrases.NUMBERS.get(word, -1)
        if 0 <= place < len(titles):
            found.add(place)
    return tuple(sorted(found))


def _whole(title: str) -> str:
    """A pattern for a title that is no part of another word; Chinese has no spaces around it."""
    return rf"(?<![A-Za-z0-9]){re.escape(title)}(?![A-Za-z0-9])"


def _case(title: str) -> re.RegexFlag:
    """A title of one short word is only one in its capitals: "Big" is a film, "big" is not."""
    return re.IGNORECASE if len(title) > 6 or not title.isascii() else re.RegexFlag(0)


def _direction(asked: str) -> int:
    if phrases.NEWER.search(asked):
        return 1
    return -1 if phrases.OLDER.search(asked) else 0


def _compared(asked: str) -> str:
    """ "Something scarier" → "something scary"; "less violent" → "nothing violent"; "" for none."""
    if phrases.ONLY_OTHERS.fullmatch(asked):
        return ""
    if match := phrases.LESS.search(asked):
        return f"nothing {match[1]}"
    if match := phrases.MORE.search(asked):
        return f"something {match[1]}"
    if (match := phrases.COMPARATIVE.search(asked)) and (adjective := _positive(match[1].lower())):
        return f"something {adjective}"
    if match := phrases.LESS_ZH.search(asked):
        return f"不要{match[1]}的"
    if match := phrases.MORE_ZH.search(asked):
        return f"{match[1] or match[2]}的"
    return ""


def _positive(word: str) -> str:
    """The adjective of a comparative; "" for a word that only ends like one."""
    if word in phrases.NO_COMPARATIVES:
        return ""
    if word in phrases.IRREGULAR:
        return phrases.IRREGULAR[word]
    stem = word.removesuffix("er")
    if stem.endswith("i"):
        return stem[:-1] + "y"
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] in "bdgmnpt":
        return stem[:-1]
    return stem + "e" if stem.endswith(phrases.SILENT_E) else stem


def _is_elsewhere(asked: str) -> bool:
    """Whether words ask for something that no list of items answers."""
    if phrases.CHAT.fullmatch(asked):
        return True
    if phrases.FACTS.search(asked) and not phrases.STRONG.search(asked):
        return True
    if phrases.ABOUT_FACTS.match(asked):
        return True
    return bool(phrases.ORDERS.match(asked)) and not phrases.STRONG.search(asked)
