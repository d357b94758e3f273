"""The widget of a model's setting, made from what the model declares of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages._ui.common import runs, state
from pages._ui.common.i18n import _
from recsys.dataset import Dataset

if TYPE_CHECKING:
    from recsys.models.settings import Choice, Declared


def in_columns(declared: Sequence[Declared], key: str) -> dict[str, Any]:
    """Draw settings in two columns; gives those that differ from their defaults."""
    values = {}
    for place in range(0, len(declared), 2):
        for column, one in zip(st.columns(2), declared[place : place + 2], strict=False):
            with column:
                values[one.name] = draw(one, f"{key}-{one.name}")
    return differing(declared, values)


def differing(declared: Sequence[Declared], values: dict[str, Any]) -> dict[str, Any]:
    """The values that differ from their defaults."""
    defaults = {one.name: one.default for one in declared}
    return {name: value for name, value in values.items() if value != defaults[name]}


def draw(declared: Declared, key: str) -> Any:
    """The widget of one setting; gives its value."""
    spec = declared.spec
    label, words = _(spec.label), _(spec.help) if spec.help else None
    if spec.widget == "backbone":
        return _backbone(declared, label, words, key)
    if spec.choices:
        return _choose(declared, label, words, key)
    if declared.kind == "bool":
        return st.toggle(label, value=declared.default, key=key, help=words)
    if declared.kind in ("int", "float"):
        return _number(declared, label, words, key)
    text = st.text_input(label, value=_typed(declared.default), key=key, help=words)
    return declared.parsed(text) if text else declared.default


def _number(declared: Declared, label: str, words: str | None, key: str) -> Any:
    spec = declared.spec
    kind: Any = int if declared.kind == "int" else float
    left_open = spec.automatic is not None and declared.default == spec.automatic
    value = st.number_input(
        label,
        min_value=None if spec.minimum is None else kind(spec.minimum),
        max_value=None if spec.maximum is None else kind(spec.maximum),
        value=None if left_open else declared.default,
        step=kind(spec.step or (1 if kind is int else 0.1)),
        format="%d" if kind is int else "%g",
        key=key,
        placeholder=_("as the data needs") if left_open else None,
        help=words,
    )
    return declared.default if value is None else value


def _choose(declared: Declared, label: str, words: str | None, key: str) -> Any:
    """One of a few values; with their meanings beside them where they have some."""
    choices = [one for one in declared.spec.choices if _has(state.dataset(), one.needs)]
    values = [one.value for one in choices]
    titles = {one.value: _(one.label) if one.label else str(one.value) for one in choices}
    if not any(one.help for one in choices):
        first = values.index(declared.default)
        return st.selectbox(
            label, values, index=first, format_func=titles.__getitem__, key=key, help=words
        )
    chosen = st.radio(
        label,
        values,
        index=values.index(declared.default),
        format_func=titles.__getitem__,
        captions=[_(one.help) if one.help else "" for one in choices],
        key=key,
        help=words,
    )
    _say_what_is_missing(declared.spec.choices)
    return chosen


def _say_what_is_missing(choices: Sequence[Choice]) -> None:
    if any(one.needs == "rating" and not _has(state.dataset(), one.needs) for one in choices):
        st.caption(_("This data has no ratings, so there are none to learn."))


def _has(data: Dataset, column: str) -> bool:
    return not column or getattr(data, column) is not None


def _backbone(declared: Declared, label: str, words: str | None, key: str) -> str:
    """A model that is trained first, to be built on."""
    from recsys.models.backbones import BACKBONES

    return st.selectbox(
        label,
        list(BACKBONES),
        index=list(BACKBONES).index(declared.default),
        format_func=lambda name: _("{model}: train it first", model=runs.model_title(name)),
        key=key,
        help=words,
    )


def _typed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value or "")
