"""Prompts page: what can be written at the caret of the editor, listed beside it as one types.

What may stand where is said here; `assets/completion_places.js` finds out where the caret stands,
and `assets/completion.js` draws the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

import streamlit as st

from pages._ui.common.i18n import _, say
from recsys.bundle import ASSETS
from recsys.prompts import FILTERS
from recsys.prompts.guard import BLOCKS, TAGS
from recsys.prompts.writing import written
from recsys.schema import Message

#: Characters of a value that are sent to the browser; a line of the list shows fewer.
_LONGEST = 120

#: The JavaScript: what is offered at the caret, then the list.
SCRIPT = "\n".join(
    (ASSETS / name).read_text(encoding="utf-8")
    for name in ("completion_places.js", "completion.js")
)

# In the page itself, not in a shadow root: the editor points at the list's options by their ids.
_component = st.components.v2.component(
    "prompt-completion",
    js=SCRIPT,
    css=(ASSETS / "completion.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


class Offer(TypedDict):
    """Something that can be written: `text` is put in; `name` is compared with what was typed.

    `hint` stands beside the name, and `more`, where there is any, below the one looked at.
    An ellipsis in `text` is what a person replaces; a space at its end, that more has to follow.
    """

    name: str
    text: str
    hint: str
    more: str


def draw(editor: str, descriptions: Mapping[str, Message], values: Mapping[str, object]) -> None:
    """Offer names in the text area whose key is `editor`; without JavaScript nothing is missed."""
    _component(
        key="prompt-completion",
        data={
            "editor": f".st-key-{editor} textarea",
            "label": _("What can be written here"),
            "entry": _("An entry of “{list}”.", list="{list}"),
            "blocks": BLOCKS,
            "offers": offers(descriptions, values),
        },
    )


def offers(
    descriptions: Mapping[str, Message], values: Mapping[str, object]
) -> dict[str, list[Offer]]:
    """What the template language allows at each place, in the language of the app.

    Args:
        descriptions: the variables of the data, with what each holds.
        values: what each is for the user looked at.

    Returns:
        Offers by place: "output" is where `{{` begins, "filter" after `|`, "tag" where `{%` begins,
        "condition" after `if`, "negated" after `if not`, "list" after `for x in`.
    """
    variables = [
        _variable(name, say(descriptions[name]), values.get(name, "")) for name in descriptions
    ]
    soft = _offer("soft", _("Eight vectors that training fills in."), text="soft(8)")
    negation = _offer("not", _("Where a variable has nothing to say."), text="not ")
    begin = {"if": "if ", "elif": "elif ", "for": "for x in "}
    return {
        "output": [*variables, soft],
        "filter": [
            _offer(name, _(one.description), text=written(name)) for name, one in FILTERS.items()
        ],
        "tag": [_offer(tag, _(meaning), text=begin.get(tag, tag)) for tag, meaning in TAGS.items()],
        "condition": [*variables, negation],
        "negated": variables,
        "list": [one for one in variables if isinstance(values.get(one["name"]), list)],
    }


def shown(value: object) -> str:
    """A variable's value in one line; of a list, its last five entries."""
    if isinstance(value, (list, tuple)):
        return "; ".join(map(str, value[-5:]))
    return str(value)


def _variable(name: str, meaning: str, value: object) -> Offer:
    line = shown(value)[:_LONGEST]
    return _offer(name, line, more=meaning) if line.strip() else _offer(name, meaning)


def _offer(name: str, hint: str, *, text: str | None = None, more: str = "") -> Offer:
    return {"name": name, "text": name if text is None else text, "hint": hint, "more": more}
