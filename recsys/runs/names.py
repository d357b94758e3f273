"""Names of runs: what is allowed, and the default."""

from __future__ import annotations

import re
import time
import unicodedata

from recsys.schema import N_, ConfigError

MAX_LENGTH = 80
#: File systems allow 255 bytes in a name; this leaves room for the mark of a deleted run.
MAX_BYTES = 220

_ALLOWED = re.compile(r"[\w\-. ]+")  # \w: letters of any script, digits, underscore
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))}
)


def check_name(name: str) -> str:
    """The name as it will be used (Unicode NFC, outer spaces off).

    Raises:
        ConfigError: if it is empty, too long, reserved, or has other characters than letters,
            digits, spaces, dashes, underscores and dots.
    """
    cleaned = unicodedata.normalize("NFC", name).strip(" ")
    if not cleaned:
        raise ConfigError(N_("The name of the run is empty. Give it at least one letter."))
    if len(cleaned) > MAX_LENGTH or len(cleaned.encode("utf-8", "replace")) > MAX_BYTES:
        raise ConfigError(
            N_("The name of the run is too long. Use at most {limit} characters."),
            limit=MAX_LENGTH,
        )
    if not _ALLOWED.fullmatch(cleaned):
        raise ConfigError(
            N_(
                'The name "{name}" has a character that is not allowed. '
                "Use letters, digits, spaces, dashes, underscores and dots."
            ),
            name=cleaned,
        )
    if cleaned.startswith(".") or cleaned.endswith("."):
        raise ConfigError(
            N_('The name "{name}" begins or ends with a dot. Choose another name.'), name=cleaned
        )
    if cleaned.split(".")[0].strip().casefold() in _RESERVED:
        raise ConfigError(
            N_('The name "{name}" is reserved by some systems. Choose another name.'), name=cleaned
        )
    return cleaned


def default_name(model: str, data: str, created: float) -> str:
    """`model-data-YYYYMMDD-HHMMSS` in local time, with what is not allowed left out."""
    moment = time.strftime("%Y%m%d-%H%M%S", time.localtime(created))
    readable = unicodedata.normalize("NFC", data)
    plain = re.sub(r"[^\w\-]+", "-", readable).strip("-")[:30] or "data"
    return f"{model}-{plain}-{moment}"
