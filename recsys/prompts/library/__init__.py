"""The templates that come with the studio. To add one: a `.j2` file here and a line in `_CARDS`.

The files hold nothing but the template. Their names, titles and descriptions stand here, where
gettext finds them. Each template has a twin in Chinese, `<name>-zh`, with the same variables.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from recsys.prompts.syntax import MAX_SOURCE
from recsys.prompts.template import Template
from recsys.schema import N_, ConfigError

#: Name → title and description for people.
_CARDS: dict[str, tuple[str, str]] = {
    "sequential": (
        N_("What comes next"),
        N_("The latest choices in order, and the question what follows them. A good first choice."),
    ),
    "profile": (
        N_("User profile"),
        N_("Who the user is, what they like and what they do not like."),
    ),
    "rating-question": (
        N_("Rating question"),
        N_("What got high and low ratings, and the question what would be rated highest."),
    ),
    "intent": (
        N_("What the user asks for"),
        N_("The user's own words come first; their taste only refines them."),
    ),
    "cold-start": (
        N_("New user"),
        N_("For people of whom next to nothing is known."),
    ),
    "sequential-zh": (
        N_("What comes next (in Chinese)"),
        N_("The latest choices in order, and the question what follows them, in Chinese words."),
    ),
    "profile-zh": (
        N_("User profile (in Chinese)"),
        N_("Who the user is, what they like and what they do not like, in Chinese words."),
    ),
    "rating-question-zh": (
        N_("Rating question (in Chinese)"),
        N_("What got high and low ratings, and what would be rated highest, in Chinese words."),
    ),
    "intent-zh": (
        N_("What the user asks for (in Chinese)"),
        N_("The user's own words come first; their taste only refines them, in Chinese words."),
    ),
    "cold-start-zh": (
        N_("New user (in Chinese)"),
        N_("For people of whom next to nothing is known, in Chinese words."),
    ),
}


def _from_library(name: str) -> Template:
    title, description = _CARDS[name]
    source = (Path(__file__).parent / f"{name}.j2").read_text("utf-8")
    return replace(Template.parse(source, name), title=title, description=description)


LIBRARY: dict[str, Template] = {name: _from_library(name) for name in _CARDS}


def load_template(name_or_path: str | Path) -> Template:
    """A template of the library by its name, or one from a UTF-8 file.

    Raises:
        ConfigError: where there is neither, or the file cannot be read.
        TemplateError: where the file holds something that is not allowed.
    """
    name = str(name_or_path)
    if name in LIBRARY:
        return LIBRARY[name]
    return Template.parse(template_source(name), Path(name).stem)


def template_source(name_or_path: str | Path) -> str:
    """The text of a template, which may hold anything; raises `ConfigError` as above."""
    name = str(name_or_path)
    if name in LIBRARY:
        return LIBRARY[name].source
    path = Path(name)
    try:
        if not path.is_file():
            raise _unknown(name)
        size = path.stat().st_size
        if size > 4 * MAX_SOURCE:  # no UTF-8 character takes more than four bytes
            raise ConfigError(
                N_("The template {path} is too large: at most {limit} characters are allowed."),
                path=name,
                limit=MAX_SOURCE,
            )
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            N_("The template {path} is not text in UTF-8. Save it as UTF-8 and try again."),
            path=name,
        ) from error
    except (OSError, ValueError) as error:
        raise _unknown(name) from error


def _unknown(name: str) -> ConfigError:
    shown = name if len(name) <= 80 else name[:79] + "…"
    nearest = get_close_matches(name[:80], LIBRARY, n=1)
    if nearest:
        return ConfigError(
            N_("There is no template and no file “{name}”. Did you mean “{nearest}”?"),
            name=shown,
            nearest=nearest[0],
        )
    return ConfigError(
        N_("There is no template and no file “{name}”. Give a file, or one of: {names}."),
        name=shown,
        names=", ".join(LIBRARY),
    )
