"""Options of the command line that are settings of models, made from what models declare."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, NoReturn

from recsys.cli.exit_status import MISTAKE
from recsys.cli.unknown_flags import may_be_a_setting
from recsys.schema import N_, ConfigError
from recsys.storage.former_names import SETTINGS

if TYPE_CHECKING:
    from recsys.models.settings import Declared, Setting, Shown

#: The settings that have a flag.
_FLAGGED: tuple[Shown, ...] = ("first", "more", "flag")
#: What stands behind a flag in `--help-settings`, by the type of its value.
_METAVARS = {"int": "N", "float": "X", "bool": "yes|no", "ints": "N,…", "str": "TEXT"}


class Parser(argparse.ArgumentParser):
    """Says a mistake in one sentence, without the usage before it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._models: str | None = None
        self._left_out: tuple[str, ...] = ()
        self._shown: dict[str, list[argparse.Action]] = {}  # headline → flags as help shows them

    def offer_settings_of(self, model: str, *, but: Sequence[str] = ()) -> None:
        """Make settings of a model options, too; of all models for "*".

        They are added only where an option may be one of them (`may_be_a_setting`), or help is
        asked for about them, since to ask models what they declare takes seconds.

        Args:
            but: widgets whose settings are left out.
        """
        self._models, self._left_out = model, tuple(but)
        self.add_argument(
            "--help-settings",
            action=_HelpSettings,
            nargs=0,
            help="list the settings of models, each of which is an option, and end",
        )

    def error(self, message: str) -> NoReturn:
        """Print the mistake and end with its exit status."""
        self.exit(MISTAKE, f"{self.prog}: {message}. See {self.prog} --help.\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse; the options of models are added where that leaves some unknown."""
        if self._models is None:
            return super().parse_known_args(args, namespace)
        parsed, unknown = super().parse_known_args(args, copy(namespace))
        options = [word for word in unknown if word.startswith("-")]
        if not any(map(may_be_a_setting, options)):
            return parsed, unknown
        self.add_settings()
        return super().parse_known_args(args, namespace)

    def add_settings(self) -> None:
        """Add the options that are settings of models, if they are not there yet."""
        if self._models is not None:
            self._add_flags(self._models)
            self._models = None

    def format_help(self) -> str:
        """The help, and at its end the settings of each model, if they were added."""
        formatter = self._get_formatter()
        for headline, actions in self._shown.items():
            formatter.start_section(headline)
            formatter.add_arguments(actions)
            formatter.end_section()
        models = formatter.format_help()
        return super().format_help() + (f"\n{models}" if models else "")

    def _add_flags(self, model: str) -> None:
        """A flag once, however many models have it; in the help under each of them."""
        from recsys.models import MODELS

        names = list(MODELS) if model == "*" else [model]
        flags: dict[str, None] = {}
        explained: set[Setting] = set()  # once is enough
        for name in names:
            offered = [
                setting
                for setting in MODELS[name].settings(*_FLAGGED)
                if setting.spec.widget not in self._left_out
            ]
            flags |= dict.fromkeys(declared.flag for declared in offered)
            if offered:
                headline = f"settings of {name} ({MODELS[name].title})"
                self._shown[headline] = [
                    _as_shown(declared, explained=declared.spec in explained)
                    for declared in offered
                ]
                explained |= {declared.spec for declared in offered}
        for flag in flags:
            former = [f"--{old}" for old, new in SETTINGS.items() if f"--{new}" == flag]
            self.add_argument(flag, *former, dest=flag, metavar="VALUE", help=argparse.SUPPRESS)


class _HelpSettings(argparse.Action):
    """Prints the help with the settings of models, and ends."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        assert isinstance(parser, Parser)
        parser.add_settings()
        parser.print_help()
        parser.exit()


def chosen(arguments: argparse.Namespace, models: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What the flags say of each model's settings, by their names; unchecked.

    Raises:
        ConfigError: if none of the models has a setting that was given.
    """
    from recsys.models import MODELS

    asked = [name for name in models if name in MODELS]  # others are refused with all names
    found: dict[str, dict[str, Any]] = {name: {} for name in asked}
    for flag, text in given(arguments).items():
        had = False
        for name in asked:
            for declared in MODELS[name].settings(*_FLAGGED):
                if declared.flag == flag:
                    found[name][declared.name] = declared.parsed(text)
                    had = True
        if asked and not had:
            raise ConfigError(
                N_('The model {model} has no setting called "{setting}". Leave it out.'),
                model=", ".join(asked),
                setting=flag,
            )
    return found


def given(arguments: argparse.Namespace) -> Mapping[str, str]:
    """The flags of models that stand on the command line, with the text behind them."""
    flags = {name: value for name, value in vars(arguments).items() if name.startswith("--")}
    return {flag: text for flag, text in flags.items() if text is not None}


def _as_shown(declared: Declared, *, explained: bool) -> argparse.Action:
    """A flag as the help shows it, with what it means unless that was `explained` before."""
    spec = declared.spec
    metavar = spec.metavar or _METAVARS[declared.kind]
    words = [spec.label]
    if spec.choices and not spec.open:
        metavar = "|".join(str(choice.value) for choice in spec.choices)
        named = (f"{one.value} ({one.label.lower()})" for one in spec.choices if one.label)
        words = [f"{spec.label}: {', '.join(named)}"]
    if spec.help and not explained:
        words.append(spec.help.removesuffix("."))
    if spec.minimum is not None and spec.maximum is not None:
        several = ", each" if declared.kind == "ints" else ""
        none = "; 0 for none" if declared.kind == "ints" else ""
        words.append(f"{spec.minimum:.12g} to {spec.maximum:.12g}{several}{none}")
    words.append(f"Default: {_default(declared)}")
    text = ". ".join(words).replace("%", "%%")
    return argparse.Action([declared.flag], declared.name, metavar=metavar, help=text)


def _default(declared: Declared) -> str:
    """The default as it would be typed."""
    value = declared.default
    if value is None or value == declared.spec.automatic:
        return "what suits"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "0"
    return f"{value:.12g}" if isinstance(value, int | float) else str(value)
