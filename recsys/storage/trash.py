"""Deleting a folder so that it can be undone: it is moved into a trash beside it, and back."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

from recsys.schema import N_, RunError
from recsys.storage.files import fsync_folder, make_folder, unwritable

_TRASH = ".trash"
#: Between the name of what was deleted and the time of its deletion; no name holds it.
_MARK = "~"
_NOT_THERE = N_("It cannot be brought back: it is not in the trash.")
_PLACE_TAKEN = N_("It stays deleted: another one has taken its place.")


def trash_of(home: Path) -> Path:
    """Where what was deleted of a folder lies."""
    return home / _TRASH


def put_away(folder: Path) -> str:
    """Move a folder to the trash; returns what `take_back` takes to bring it back.

    Raises:
        RunError: if it is gone already; of two who delete at once, the second gets this.
        ConfigError: if it cannot be moved.
    """
    trash = trash_of(folder.parent)
    token = f"{folder.name}{_MARK}{time.time_ns()}"
    try:
        make_folder(trash)
        folder.rename(trash / token)
        fsync_folder(trash)
        fsync_folder(folder.parent)
    except FileNotFoundError as error:
        raise RunError(N_("{name} was deleted already."), name=folder.name) from error
    except OSError as error:
        raise unwritable(folder.parent, error) from error
    return token


def take_back(home: Path, token: str) -> Path:
    """Bring back what `put_away` moved out of the folder `home`; returns where it is.

    Raises:
        RunError: if it is not in the trash, or another one has its place by now.
        ConfigError: if it cannot be moved.
    """
    if token not in contents(home):
        raise RunError(_NOT_THERE)
    folder = home / name_of(token)
    if os.path.lexists(folder):
        raise RunError(_PLACE_TAKEN)
    try:
        (trash_of(home) / token).rename(folder)
        fsync_folder(home)
        fsync_folder(trash_of(home))
    except FileNotFoundError as error:  # somebody else was quicker
        raise RunError(_NOT_THERE) from error
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise RunError(_PLACE_TAKEN) from error
        raise unwritable(home, error) from error
    return folder


def contents(home: Path) -> list[str]:
    """What `take_back` can bring back, the latest deleted first."""
    try:
        tokens = [name for name in os.listdir(trash_of(home)) if _MARK in name]
    except OSError:
        return []
    return sorted(tokens, key=lambda token: token.rpartition(_MARK)[2], reverse=True)


def name_of(token: str) -> str:
    """The name that what was deleted had."""
    return token.rpartition(_MARK)[0]


def deleted_at(token: str) -> float | None:
    """When it was deleted, in seconds since 1970; None where the token does not say so."""
    when = token.rpartition(_MARK)[2]
    return int(when) / 1e9 if when.isdecimal() else None
