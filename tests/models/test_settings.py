"""What a config declares of its fields: types, ranges, choices, and what is refused."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest

from recsys.models import MODELS, Queries, make
from recsys.models.prompt_fusion.config import PromptFusionConfig
from recsys.models.settings import Choice, Declared, ModelConfig, Setting, settings_of
from recsys.models.tuned.soft_prompt import SoftPromptConfig
from recsys.schema import ConfigError
from tests.models.support import CLOSE, shared, split

#: Settings that were constants of their modules until November 30, 2026.
LATER = {
    "counting_neighbours",
    "counting_folds",
    "counting_held_out",
    "cold_start_prior_events",
    "cold_start_ease_weight",
    "cold_start_regularisation",
    "cold_start_taste_events",
    "new_item_neighbours",
    "new_item_temperature",
    "new_item_compared",
    "new_item_scale",
    "wish_strength",
    "strengths",
    "stretch",
    "first_spread",
    "read_gain",
    "whitening_floor",
    "vectors_in_front",
}

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
    factors: Annotated[tuple[float, ...], Setting("Factors", minimum=0, maximum=2)] = (0.5,)


def declared(name: str) -> Declared:
    return next(one for one in settings_of(Example) if one.name == name)


def test_fields_are_reported_in_order_with_type_default_and_flag() -> None:
    told = [(one.name, one.kind, one.default, one.flag) for one in settings_of(Example)]
    assert told == [
        ("size", "int", 4, "--size"),
        ("share", "float", 0.5, "--part"),
        ("mirrored", "bool", False, "--mirrored"),
        ("widths", "ints", None, "--widths"),
        ("colour", "str", "red", "--colour"),
        ("words", "str", "", "--words"),
        ("factors", "floats", (0.5,), "--factors"),
    ]
    assert [one.optional for one in settings_of(Example)] == [False] * 3 + [True] + [False] * 3


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
        ({"factors": [0.5, 2]}, (0.5, 2.0)),
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
        ({"factors": (0.5, 2.5)}, '"Factors" is 0.5, 2.5. It has to be numbers between 0 and 2'),
        ({"factors": (0.5, float("nan"))}, "numbers between 0 and 2"),
        ({"factors": 0.5}, "numbers between 0 and 2"),
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
            if one.kind in ("int", "float", "ints", "floats"):
                assert one.spec.minimum is not None and one.spec.maximum is not None, one.name
            if one.kind == "str" and not one.spec.choices:
                assert one.spec.maximum is not None, one.name

    def test_numbers_outside_are_refused(self, name: str) -> None:
        for one in settings_of(type(MODELS[name]().config)):
            if one.kind not in ("int", "float", "ints", "floats"):
                continue
            assert one.spec.minimum is not None and one.spec.maximum is not None
            for value in (one.spec.minimum - 1, one.spec.maximum + 1):
                if value == one.spec.automatic:
                    continue
                several = one.kind in ("ints", "floats")
                with pytest.raises(ConfigError) as told:
                    make(name, {one.name: (value,) if several else value})
                assert one.spec.label in str(told.value)

    def test_what_is_offered_is_explained(self, name: str) -> None:
        for one in settings_of(type(MODELS[name]().config)):
            if one.spec.shown != "config":
                explained = one.spec.help or all(choice.help for choice in one.spec.choices)
                assert explained, one.name


@pytest.mark.parametrize("name", ["prompt-fusion", "prompt-tuned", "soft-prompt"])
def test_a_model_saved_before_settings_stood_in_its_config_opens_with_the_same_values(
    name: str, tmp_path: Path
) -> None:
    model, _ = shared(name)
    asked = Queries(split().test.history, np.arange(4), intent="a western")
    scores = model.score(asked)
    model.save(tmp_path)
    saved = json.loads((tmp_path / "config.json").read_text("utf-8"))
    without = set(saved["config"]) & LATER
    assert len(without) >= 2
    saved["config"] = {k: v for k, v in saved["config"].items() if k not in LATER}
    (tmp_path / "config.json").write_text(json.dumps(saved), encoding="utf-8")
    again = MODELS[name].load(tmp_path, split().train)
    assert asdict(again.config) == asdict(model.config)
    np.testing.assert_allclose(again.score(asked), scores, **CLOSE)  # partly in half precision


def test_values_of_what_older_models_were_trained_with_stay() -> None:
    """Their configs do not have these fields, so a new default would change what they score."""
    kept = {
        "cold_start_prior_events": 5.0,
        "cold_start_ease_weight": 60.0,
        "cold_start_taste_events": 10.0,
        "new_item_scale": 32.0,
    }
    default = asdict(PromptFusionConfig())
    assert {name: default[name] for name in kept} == kept
    tuned = asdict(SoftPromptConfig())
    assert tuned["read_gain"] == 5.0 and tuned["vectors_in_front"] == 8


@pytest.mark.parametrize("name", ["sasrec", "prompt-fusion"])
def test_heads_share_the_dimensions_evenly(name: str) -> None:
    with pytest.raises(ConfigError, match="3 attention heads cannot share 64 dimensions"):
        make(name, {"dimension": 64, "heads": 3})
