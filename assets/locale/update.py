"""Brings the catalogue of every language in line with the sentences in the code.

    python -m assets.locale.update

Babel extracts the sentences of `recsys`, `pages` and `app.py`. `messages.po` then holds each of
them once, sorted, without its place in the code, so that it changes only where a sentence does.
Words of sentences that are gone are dropped; nothing is guessed from likeness; a new sentence
stands there with an empty `msgstr`, for which `tests/app/test_catalogue.py` fails. Entries in
further files beside it (`new_*.po`, of branches that must not meet in one file) are taken over, and
those files are deleted.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po, write_po

LOCALES = Path(__file__).parent
ROOT = LOCALES.parents[1]
#: The functions whose literal arguments are sentences, and which arguments.
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "translate": None,
    "ngettext": (1, 2),
}
#: Babel's own header has the time of each run in it, and would never be the same twice.
_HEADER = """\
msgid ""
msgstr ""
"Language: {locale}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plurals};\\n"

"""


@cache
def sentences() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Of every sentence in the code: its place, `file:line`, and its one or two forms.

    Extraction takes three seconds of processor time, and each language needs all of it.
    """
    return tuple(_extracted())


def _extracted() -> Iterator[tuple[str, tuple[str, ...]]]:
    for folder in ("pages", "recsys"):
        found = extract_from_dir(
            ROOT / folder,
            method_map=[("**.py", "python")],
            keywords=KEYWORDS,
            directory_filter=lambda _path: True,  # the default leaves out `_ui`
        )
        for file, line, message, *_rest in found:
            yield f"{folder}/{file}:{line}", _forms(message)
    for line, message, *_rest in extract_from_file("python", ROOT / "app.py", keywords=KEYWORDS):
        yield f"app.py:{line}", _forms(message)


def translations(path: Path) -> dict[str, str]:
    """English sentence (of a plural its singular) → words; empty where there are none yet.

    Only a language with one plural form is expected so far.
    """
    with path.open("rb") as file:
        entries = [entry for entry in read_po(file) if entry.id]
    return {_forms(entry.id)[0]: _forms(entry.string or "")[0] for entry in entries}


def updated(folder: Path, locale: str) -> bytes:
    """What `messages.po` in `folder` has to hold."""
    words: dict[str, str] = {}
    for path in [folder / "messages.po", *strays(folder)]:
        if path.exists():
            words |= translations(path)
    catalog = Catalog(locale)
    for _place, forms in sentences():
        catalog.add(forms if len(forms) > 1 else forms[0])
    for entry in catalog:
        if entry.id:
            word = words.get(_forms(entry.id)[0], "")
            entry.string = (word,) if entry.pluralizable else word
            entry.flags.clear()  # "100% sure" is no format of Python
    body = io.BytesIO()
    write_po(body, catalog, width=0, no_location=True, omit_header=True, sort_output=True)
    header = _HEADER.format(locale=locale, plurals=catalog.plural_forms.rstrip(";"))
    return header.encode() + body.getvalue().strip() + b"\n"


def strays(folder: Path) -> list[Path]:
    """Files of entries that `messages.po` does not have yet."""
    return sorted(path for path in folder.glob("*.po") if path.name != "messages.po")


def update(folder: Path, locale: str) -> None:
    """Write `messages.po` in `folder` anew, and delete the files that went into it."""
    content = updated(folder, locale)
    (folder / "messages.po").write_bytes(content)
    for path in strays(folder):
        path.unlink()


def _forms(message: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else tuple(message)


if __name__ == "__main__":
    for each in sorted(LOCALES.glob("*/LC_MESSAGES")):
        update(each, each.parent.name)
