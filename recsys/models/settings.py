"""How a model declares its settings, once: the form, the grid and the command line read it here.

A config is a frozen dataclass derived from `ModelConfig`, each of whose fields says what it is:

    dimension: Annotated[int, Setting(N_("Dimensions"), minimum=1, maximum=1024)] = 64
"""

from __future__ import annotations

import math
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from recsys.schema import N_, ConfigError, Message

#: The values that a setting can have; "ints" are widths such as (64, 32), "floats" factors such as
#: (0.5, 1.0), "other" is checked by the config itself.
Kind = Literal["int", "float", "bool", "str", "ints", "floats", "other"]
#: What each number of a setting with several is.
_PARTS: dict[Kind, Kind] = {"ints": "int", "floats": "float"}
#: Where a setting is offered: beside the choice of the model, under "More settings", on the
#: command line alone, or nowhere; all but the last have a flag.
Shown = Literal["first", "more", "flag", "config"]

#: Characters of a wrong value that are repeated in the error.
_REPEATED = 80


@dataclass(frozen=True)
class Choice:
    """One of the values of a setting that has few.

    Attributes:
        label, help: what a person reads (gettext templates); "" for the value itself.
        needs: a column that the data must have for it, "rating"; "" for none.
    """

    value: Any
    label: str = ""
    help: str = ""
    needs: str = ""


@dataclass(frozen=True)
class Setting:
    """What is known of a field of a config beside its name, type and default.

    Attributes:
        label, help: what a person reads (gettext templates).
        minimum, maximum: the allowed range, both included; of each number where there are
            several, and of the number of characters in a text.
        step: of the buttons beside a number.
        choices: the allowed values.
        open: whether `choices` are only suggestions.
        automatic: the value that leaves it to the model, allowed beside the range.
        shown: where it is offered.
        widget: "" where it follows from type and choices; "backbone" offers models to build on.
        flag: on the command line; "" for the name with dashes.
        metavar: what stands behind the flag in `--help-settings`; "" for what follows from type.
    """

    label: str
    help: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[Choice, ...] = ()
    open: bool = False
    automatic: int | None = None
    shown: Shown = "more"
    widget: Literal["", "backbone"] = ""
    flag: str = ""
    metavar: str = ""


@dataclass(frozen=True)
class Declared:
    """A field of a config: its name, type and default, and its `Setting`."""

    name: str
    kind: Kind
    optional: bool  # whether None is allowed
    default: Any
    spec: Setting

    @property
    def flag(self) -> str:
        """The option of the command line that sets it."""
        return self.spec.flag or f"--{self.name.replace('_', '-')}"

    def checked(self, value: Any) -> Any:
        """The value as the config keeps it: JSON has no tuples, and 1 is as good as 1.0.

        Raises:
            ConfigError: if it is of another type, or not allowed.
        """
        value = _plain(value, self.kind)
        if self.kind == "other" or (value is None and self.optional):
            return value
        if self.spec.automatic is not None and value == self.spec.automatic:
            return value
        if self.spec.choices and not self.spec.open:
            allowed = value in [choice.value for choice in self.spec.choices]
        else:
            allowed = _is(self.kind, value) and self._in_range(value)
        if not allowed:
            raise self._refused(value)
        return value

    def parsed(self, text: str) -> Any:
        """The value that some text on the command line stands for, unchecked."""
        if self.kind == "ints":
            parts = [_number(part, int) for part in text.split(",")]
            return () if parts == [0] else parts
        if self.kind == "bool":
            return {"yes": True, "no": False}.get(text, text)
        if self.kind in ("int", "float"):
            return _number(text, int if self.kind == "int" else float)
        return text

    def _in_range(self, value: Any) -> bool:
        low = -math.inf if self.spec.minimum is None else self.spec.minimum
        high = math.inf if self.spec.maximum is None else self.spec.maximum
        if self.kind == "bool":
            return True
        sizes = value if self.kind in _PARTS else [len(value) if self.kind == "str" else value]
        return all(low <= size <= high for size in sizes)

    def _refused(self, value: Any) -> ConfigError:
        choices = ", ".join(str(choice.value) for choice in self.spec.choices)
        return ConfigError(
            _REFUSED["choices" if choices and not self.spec.open else self.kind],
            label=Message(self.spec.label),
            value=_in_words(value)[:_REPEATED],
            minimum=_shown_number(self.spec.minimum),
            maximum=_shown_number(self.spec.maximum),
            names=choices,
        )


@dataclass(frozen=True)
class ModelConfig:
    """The settings of a model, checked when they are made.

    Raises:
        ConfigError: if a value is not what its `Setting` allows.
    """

    def __post_init__(self) -> None:
        kind: Any = type(self)
        for declared in settings_of(kind):
            value = declared.checked(getattr(self, declared.name))
            object.__setattr__(self, declared.name, value)


@cache
def settings_of(config: type[Any]) -> tuple[Declared, ...]:
    """The fields of a config class, in order. Raises `TypeError` where one declares nothing."""
    hints = get_type_hints(config, include_extras=True)
    return tuple(_declared(field, hints[field.name]) for field in fields(config))


def _declared(field: Field[Any], hint: Any) -> Declared:
    metadata = getattr(hint, "__metadata__", ())  # of Annotated alone
    spec = next((one for one in metadata if isinstance(one, Setting)), None)
    if spec is None:
        raise TypeError(f"the setting {field.name} has no Setting in its annotation")
    kind, optional = _kind(get_args(hint)[0])
    default = field.default if field.default_factory is MISSING else field.default_factory()
    return Declared(field.name, kind, optional, default, spec)


def _kind(hint: Any) -> tuple[Kind, bool]:
    """What a type allows, and whether None is among it."""
    if get_origin(hint) in (Union, UnionType):
        kinds = [arm for arm in get_args(hint) if arm is not NoneType]
        return (_kind(kinds[0])[0] if len(kinds) == 1 else "other"), NoneType in get_args(hint)
    several: dict[Any, Kind] = {tuple[int, ...]: "ints", tuple[float, ...]: "floats"}
    if hint in several:
        return several[hint], False
    plain: dict[Any, Kind] = {int: "int", float: "float", bool: "bool", str: "str"}
    return plain.get(hint, "other"), False


def _is(kind: Kind, value: Any) -> bool:
    if kind in _PARTS:
        return isinstance(value, tuple) and all(_is(_PARTS[kind], part) for part in value)
    types = {"int": int, "float": float, "bool": bool, "str": str}
    return isinstance(value, types[kind]) and (kind == "bool" or not isinstance(value, bool))


def _plain(value: Any, kind: Kind) -> Any:
    """Lists as tuples, and whole numbers as the floats that a setting has."""
    if isinstance(value, list | tuple):
        return tuple(_plain(part, _PARTS.get(kind, "other")) for part in value)
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if kind == "float" and is_whole else value


def _number(text: str, kind: type[int] | type[float]) -> Any:
    try:
        return kind(text)
    except ValueError:
        return text  # refused when it is checked, with the range


def _in_words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _shown_number(value: float | None) -> str:
    return "" if value is None else f"{value:,.12g}"


_REFUSED: dict[str, str] = {
    "int": N_(
        'The setting "{label}" is {value}. It has to be a whole number between {minimum} and '
        "{maximum}."
    ),
    "float": N_(
        'The setting "{label}" is {value}. It has to be a number between {minimum} and {maximum}.'
    ),
    "bool": N_('The setting "{label}" is {value}. It has to be yes or no.'),
    "str": N_('The setting "{label}" has to be a text of at most {maximum} characters.'),
    "ints": N_(
        'The setting "{label}" is {value}. It has to be whole numbers between {minimum} and '
        "{maximum}, such as 64,32."
    ),
    "floats": N_(
        'The setting "{label}" is {value}. It has to be numbers between {minimum} and {maximum}.'
    ),
    "choices": N_('The setting "{label}" is {value}. It has to be one of: {names}.'),
}
