"""Which part of a packed workbook is what ([ECMA-376] part 2, "relationships")."""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import dataclass, field

from recsys.sources.formats.sheets import Malformed, parse


@dataclass
class Package:
    """The parts of an .xlsx or .xlsb workbook.

    Attributes:
        workbook: the part that lists the sheets.
        targets: id of a relation of the workbook → part.
        shared: the parts that may hold the shared strings, by their relation or by their name.
    """

    workbook: str
    targets: dict[str, str] = field(default_factory=dict)
    shared: list[str] = field(default_factory=list)


def package_of(archive: zipfile.ZipFile) -> Package | None:
    """What a package says of its parts; None where it is none of a workbook.

    Raises:
        Malformed: it names parts that are not there.
    """
    names = {name.lower(): name for name in archive.namelist()}
    if len(names) < len(archive.namelist()):
        raise Malformed("a name twice")  # readers differ in which of the two they take
    if "_rels/.rels" not in names:
        return None
    roots = [
        target
        for _id, kind, target in _relations(archive, names["_rels/.rels"], "")
        if kind.endswith("/officeDocument")
    ]
    root = names.get(roots[0].lower()) if roots else None
    if root is None:
        return None
    folder, ending = posixpath.dirname(root), posixpath.splitext(root)[1]
    # The reader looks for this name whatever the workbook itself is called; a text or a
    # presentation has none.
    related = names.get(posixpath.join(folder, "_rels", f"workbook{ending}.rels").lower())
    if related is None:
        return None
    usual = [part for low, part in names.items() if "sharedstrings." in low]
    package = Package(root, shared=usual)
    for number, kind, target in _relations(archive, related, folder):
        part = names.get(target.lower())
        if part is None:
            continue
        package.targets[number] = part
        if kind.endswith("/sharedStrings") and part not in package.shared:
            package.shared.append(part)
    return package


def _relations(archive: zipfile.ZipFile, part: str, folder: str) -> list[tuple[str, str, str]]:
    """Id, type and target of each relation; targets as they are called in the archive."""
    found: list[tuple[str, str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            path = attributes.get("Target", "")
            full = path.lstrip("/") if path.startswith("/") else posixpath.join(folder, path)
            target = posixpath.normpath(full) if full else ""
            found.append((attributes.get("Id", ""), attributes.get("Type", ""), target))

    with archive.open(part) as stream:
        parse(stream, start)
    return found
