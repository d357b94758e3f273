"""What the Prompts page hands over to the completion of its editor."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.prompts.prompt_completion import offers
from recsys.prompts import FILTERS
from recsys.prompts.guard import TAGS
from recsys.schema import Message
from tests.app.made_runs import IMAGE, SCRIPT
from tests.app.support import Open

TOLD = {
    "history": Message("Titles."),
    "intent": Message("The user's “{column}”.", {"column": IMAGE}),
    "now": Message("The time."),
}
VALUES = {"history": ["Heat", IMAGE], "intent": " ", "now": "x" * 500}


def handed_over(app: AppTest) -> Any:
    [element] = app.get("bidi_component")
    return json.loads(element.proto.json)


def test_offers_by_place() -> None:
    found = offers(TOLD, VALUES)
    names = {place: [offer["name"] for offer in offered] for place, offered in found.items()}
    assert names == {
        "output": ["history", "intent", "now", "soft"],
        "condition": ["history", "intent", "now", "not"],
        "negated": ["history", "intent", "now"],
        "list": ["history"],
        "filter": list(FILTERS),
        "tag": list(TAGS),
    }


def test_a_value_stands_before_its_meaning_and_is_cut() -> None:
    history, intent, now = offers(TOLD, VALUES)["negated"]
    assert (history["hint"], history["more"]) == (f"Heat; {IMAGE}", "Titles.")
    assert (intent["hint"], intent["more"]) == (f"The user's “{IMAGE}”.", "")
    assert len(now["hint"]) == 120


def test_filters_come_with_their_arguments_and_tags_with_what_follows() -> None:
    found = offers(TOLD, VALUES)
    texts = {offer["name"]: offer["text"] for place in found.values() for offer in place}
    assert texts["last"] == "last(5)" and texts["default"] == 'default("…")'
    assert texts["lower"] == "lower" and texts["soft"] == "soft(8)"
    assert texts["for"] == "for x in " and texts["endfor"] == "endfor"


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "What the user asks for"), ("zh", "用户自己说的要求")]
)
def test_the_page_hands_over_its_data_in_its_language(
    open_tiny: Open, lang: str, said: str
) -> None:
    data = handed_over(open_tiny(lang=lang))
    assert data["editor"] == ".st-key-prompt-editor textarea"
    assert data["blocks"] == {"if": "endif", "for": "endfor"}
    told = {offer["name"]: offer for offer in data["offers"]["output"]}
    assert "genres" in told and said in told["intent"]["hint"]
    assert SCRIPT in told["history"]["hint"]  # as it is: the browser makes text of it


def test_a_wish_is_what_the_variable_gives(open_tiny: Open) -> None:
    app = open_tiny(lang="en")
    app.text_input(key="prompt-intent").set_value("a quiet film").run()
    told = {offer["name"]: offer for offer in handed_over(app)["offers"]["output"]}
    assert told["intent"]["hint"] == "a quiet film"
