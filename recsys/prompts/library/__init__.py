"""The templates that come with the studio. To add one: a `.j2` file here and a line below.

The files hold nothing but the template. Their names, titles and descriptions stand here, where
gettext finds them. Each template has a translation, `<name>-zh`, with the same variables.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from recsys.prompts.syntax import MAX_SOURCE
from recsys.prompts.template import Template
from recsys.schema import N_, ConfigError

#: Templates for any data: name → title and description for people.
_GENERIC: dict[str, tuple[str, str]] = {
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
#: Templates of the scenarios, which use attributes of their data (`recsys.scenarios`).
_OF_SCENARIOS: dict[str, tuple[str, str]] = {
    "films": (
        N_("Films"),
        N_("What was rated high and low, which genres, and what was watched last."),
    ),
    "groceries": (
        N_("Groceries"),
        N_("The household, its usual shelves, and what lies in the basket."),
    ),
    "attractions": (
        N_("Tourist attractions"),
        N_("Who travels, what they look for, where they have been."),
    ),
    "news": (
        N_("News"),
        N_("Sections and topics that a reader turns to, and the headlines read last."),
    ),
    "music": (
        N_("Music"),
        N_("Genres, moods and decades that a listener plays, and what was on last."),
    ),
    "courses": (
        N_("Courses"),
        N_("Who learns, in which subjects, at which level, and what was taken so far."),
    ),
    "questions": (
        N_("Question and answer"),
        N_("A question of the user's, answered with films that fit it and them."),
    ),
    "films-zh": (
        N_("Films (in Chinese)"),
        N_("What was rated high and low, which genres, what was watched last, in Chinese words."),
    ),
    "groceries-zh": (
        N_("Groceries (in Chinese)"),
        N_("The household, its usual shelves, and what lies in the basket, in Chinese words."),
    ),
    "attractions-zh": (
        N_("Tourist attractions (in Chinese)"),
        N_("Who travels, what they look for, where they have been, in Chinese words."),
    ),
    "news-zh": (
        N_("News (in Chinese)"),
        N_(
            "Sections and topics that a reader turns to, the headlines read last, in Chinese words."
        ),
    ),
    "music-zh": (
        N_("Music (in Chinese)"),
        N_("Genres, moods, decades that a listener plays, what was on last, in Chinese words."),
    ),
    "courses-zh": (
        N_("Courses (in Chinese)"),
        N_("Who learns, which subjects, at which level, what was taken so far, in Chinese words."),
    ),
    "questions-zh": (
        N_("Question and answer (in Chinese)"),
        N_("A question of the user's, answered with films that fit it and them, in Chinese words."),
    ),
}


def _from_library(name: str, title: str, description: str) -> Template:
    source = (Path(__file__).parent / f"{name}.j2").read_text("utf-8")
    return replace(Template.parse(source, name), title=title, description=description)


#: Templates for any data.
GENERIC_TEMPLATES: dict[str, Template] = {
    name: _from_library(name, *card) for name, card in _GENERIC.items()
}
#: All templates: those for any data, and those of the scenarios.
LIBRARY: dict[str, Template] = GENERIC_TEMPLATES | {
    name: _from_library(name, *card) for name, card in _OF_SCENARIOS.items()
}


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
