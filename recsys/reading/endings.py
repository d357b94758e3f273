"""Why a file was not read to its end, in a sentence: what happened, and what to do."""

from __future__ import annotations

from recsys.schema import N_, DataError


def ended_by_the_system(filename: str) -> DataError:
    """The error where the process was killed from outside."""
    return DataError(
        N_(
            "Reading {filename} was ended by the system, as when memory runs short. Upload it "
            "again, or a part of it."
        ),
        filename=filename,
    )


def took_too_long(filename: str, limit: int) -> DataError:
    """The error for a file that takes longer than `limit` seconds."""
    return DataError(
        N_(
            "Reading {filename} took longer than {limit} seconds and was ended. Upload a part "
            "of it, or save it as CSV."
        ),
        filename=filename,
        limit=limit,
    )


def needs_memory(filename: str, limit: int) -> DataError:
    """The error for a file that does not fit into the memory that it may take."""
    return DataError(
        N_(
            "{filename} needs more than {limit} GB of memory. Upload a part of it, or fewer "
            "columns."
        ),
        filename=filename,
        limit=f"{limit / 1024**3:g}",
    )


def not_kept(filename: str, error: OSError) -> DataError:
    """The error for a file that can be read, but does not fit on the disk."""
    return DataError(
        N_(
            "{filename} could not be kept on this machine ({reason}). Free some space on its disk, "
            "then upload the file again."
        ),
        filename=filename,
        reason=error.strerror or type(error).__name__,
    )


def broke_off(filename: str) -> DataError:
    """The error where the process ended without a result."""
    return DataError(
        N_(
            "Reading {filename} broke off; it is probably damaged. Save it again, or as CSV, and "
            "upload that."
        ),
        filename=filename,
    )


def stopped(filename: str) -> DataError:
    """The error where somebody asked to stop."""
    return DataError(N_("Reading {filename} was stopped. Nothing was changed."), filename=filename)
