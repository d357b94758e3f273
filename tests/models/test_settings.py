"""What a config declares of its fields: types, ranges, choices, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from recsys.models import MODELS, make
from recsys.models.prompt_fusion.config import PromptFusionConfig
from recsys.models.settings import Choice, Declared, ModelConfig, Setting, settings_of
from recsys.schema import ConfigError

every_model = pytest.mark.parametrize("name", MODELS)


@dataclass(frozen=True)
class Example(ModelConfig):
    """One field of each kind."""

    size: Annotated[int, Setting("Size", minimum=1, maximum=8, automatic=0)] = 4
    share: Annotated[float, Setting("Share", minimum=0, maximum=1, flag="--part")] = 0.5
    mirrored: Annotated[bool, Setting("Mirrored")] = False
    widths: Annotated[tuple[int, ...] | None, Setting("Widths", minimum=1, maximum=9)] = None
    colour: Annotated[str, Setting("Colour", choices=(Choice("red"), Choice("blue")))] = "red"
    words: Annotated[str, Setting("Words", maximum=5)] = ""


def declared(name: str) -> Declared:
    return next(one for one in settings_of(Example) if one.name == name)


def test_fields_are_told_in_order_with_type_default_and_flag() -> None:
    told = [(one.name, one.kind, one.default, one.flag) for one in settings_of(Example)]
    assert told == [
        ("size", "int", 4, "--size"),
        ("share", "float", 0.5, "--part"),
        ("mirrored", "bool", False, "--mirrored"),
        ("widths", "ints", None, "--widths"),
        ("colour", "str", "red", "--colour"),
        ("words", "str", "", "--words"),
    ]
    assert [one.optional for one in settings_of(Example)] == [False] * 3 + [True] + [False] * 2


def test_a_field_that_declares_nothing_is_a_mistake_of_the_programmer() -> None:
    @dataclass(frozen=True)
    class Forgetful(ModelConfig):
        size: int = 4

    with pytest.raises(TypeError, match="size"):
        Forgetful()


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"size": 1}, 1),
        ({"size": 8}, 8),
        ({"size": 0}, 0),  # leaves it to the model
        ({"share": 1}, 1.0),
        ({"mirrored": True}, True),
        ({"widths": [3, 2]}, (3, 2)),  # as JSON has it
        ({"widths": []}, ()),
        ({"widths": None}, None),
        ({"colour": "blue"}, "blue"),
        ({"words": "12345"}, "12345"),
    ],
)
def test_what_is_allowed_is_kept(values: dict[str, Any], kept: Any) -> None:
    (name,) = values
    value = getattr(Example(**values), name)
    assert value == kept and type(value) is type(kept)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"size": 9}, '"Size" is 9. It has to be a whole number between 1 and 8.'),
        ({"size": -1}, "between 1 and 8"),
        ({"size": 2.0}, "whole number"),
        ({"size": True}, "whole number"),
        ({"size": None}, "whole number"),
        ({"share": 1.5}, '"Share" is 1.5. It has to be a number between 0 and 1.'),
        ({"share": float("nan")}, '"Share" is nan'),
        ({"share": "half"}, '"Share" is half'),
        ({"mirrored": 1}, '"Mirrored" is 1. It has to be yes or no.'),
        ({"widths": (3, 10)}, "whole numbers between 1 and 9"),
        ({"widths": 3}, "whole numbers between 1 and 9"),
        ({"widths": "wide"}, '"Widths" is wide'),
        ({"colour": "green"}, '"Colour" is green. It has to be one of: red, blue.'),
        ({"words": "123456"}, "at most 5 characters"),
        ({"words": 7}, "at most 5 characters"),
    ],
)
def test_what_is_not_allowed_is_refused_with_the_range(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as told:
        Example(**values)
    assert said in str(told.value)


def test_a_long_wrong_value_is_not_repeated_whole() -> None:
    with pytest.raises(ConfigError) as told:
        Example(colour="x" * 10_000)
    assert len(str(told.value)) < 200


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("size", "3", 3),
        ("size", "3.5", "3.5"),
        ("share", ".25", 0.25),
        ("mirrored", "yes", True),
        ("mirrored", "no", False),
        ("mirrored", "maybe", "maybe"),
        ("widths", "64,32", [64, 32]),
        ("widths", "0", ()),
        ("widths", "64,wide", [64, "wide"]),
        ("colour", "blue", "blue"),
    ],
)
def test_text_of_the_command_line_becomes_a_value(name: str, text: str, value: Any) -> None:
    assert declared(name).parsed(text) == value


@every_model
class TestOfModels:
    def test_numbers_have_a_range_that_holds_their_default(self, name: str) -> None:
        for one in settings_of(type(MODELS[name]().config)):
            assert one.spec.label
            assert one.checked(one.default) == one.default
            if one.kind in ("int", "float", "ints"):
                assert one.spec.minimum is not None and one.spec.maximum is not None, one.name
            if one.kind == "str" and not one.spec.choices:
                assert one.spec.maximum is not None, one.name

    def test_numbers_outside_are_refused(self, name: str) -> None:
        for one in settings_of(type(MODELS[name]().config)):
            if one.kind not in ("int", "float"):
                continue
            assert one.spec.minimum is not None and one.spec.maximum is not None
            for value in (one.spec.minimum - 1, one.spec.maximum + 1):
                if value == one.spec.automatic:
                    continue
                with pytest.raises(ConfigError) as told:
                    make(name, {one.name: value})
                assert one.spec.label in str(told.value)

    def test_what_is_offered_is_explained(self, name: str) -> None:
        for one in settings_of(type(MODELS[name]().config)):
            if one.spec.shown != "config":
                explained = one.spec.help or all(choice.help for choice in one.spec.choices)
                assert explained, one.name


def test_a_config_saved_with_fewer_fields_has_the_defaults_of_the_others() -> None:
    assert PromptFusionConfig(layers=1) == PromptFusionConfig(layers=1)


@pytest.mark.parametrize("name", ["sasrec", "prompt-fusion"])
def test_heads_share_the_dimensions_evenly(name: str) -> None:
    with pytest.raises(ConfigError, match="3 attention heads cannot share 64 dimensions"):
        make(name, {"dimension": 64, "heads": 3})
