"""Bytes of a text file → text, in the encodings that spreadsheets and databases write."""

from __future__ import annotations

import codecs
import re

from recsys.schema import N_, DataError, Message

#: Longest marks first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Control characters that no text file holds; tab, line ends, ^Z and the separators ^A, RS and US,
#: which databases write between cells, are not among them.
_CONTROL = re.compile("[\x00\x02-\x08\x0e-\x19\x1b-\x1d]")
_MAX_CONTROL_SHARE = 0.01


def decode(data: bytes, filename: str, encoding: str | None = None) -> tuple[str, list[Message]]:
    """Decode a whole text file strictly, by the `encoding` given or by looking at the bytes.

    Tried in turn: a byte order mark, UTF-16 without one, UTF-8, GB18030, Windows/ISO Latin-1.

    Raises:
        DataError: the encoding does not exist or does not fit, or the file is not text.
    """
    if encoding is not None:
        text = _decode_as(data, filename, encoding)
        if "\0" in text:  # every byte is a Latin-1 letter, so a wrong choice shows only here
            raise _misfit(filename, encoding)
        return text, []
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decode_as(data, filename, name), []
    guess = _guess(data)
    if guess is None:
        raise DataError(
            N_(
                "{filename} is not a text, Excel or Parquet file. "
                "Upload a table as CSV, TSV, Excel or Parquet."
            ),
            filename=filename,
        )
    text, name = guess
    if name == "utf-8":
        return text, []
    note = N_("{filename} was read as {encoding}. If letters look wrong, choose its encoding.")
    return text, [Message(note, {"filename": filename, "encoding": name})]


def _decode_as(data: bytes, filename: str, encoding: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except LookupError as error:
        raise DataError(
            N_('There is no encoding called "{encoding}". Try utf-8, utf-16, gb18030 or latin-1.'),
            encoding=encoding,
        ) from error
    except UnicodeError as error:
        raise _misfit(filename, encoding) from error


def _misfit(filename: str, encoding: str) -> DataError:
    return DataError(
        N_("{filename} is not written in {encoding}. Choose another encoding, or none to guess."),
        filename=filename,
        encoding=encoding,
    )


def _guess(data: bytes) -> tuple[str, str] | None:
    if b"\0" in data:
        for name in ("utf-16-le", "utf-16-be"):
            text = _strict(data, name)
            if text is not None and "\n" in text and _is_text(text) and _mostly_common(text):
                return text, name
        return None
    text = _strict(data, "utf-8")
    if text is not None:
        return (text, "utf-8") if _is_text(text) else None
    text = _strict(data, "gb18030")
    if text is not None and _is_text(text) and _is_chinese(text):
        return text, "gb18030"
    # C1 control codes never occur in text; Windows puts letters in their place.
    text = _strict(data, "cp1252" if re.search(rb"[\x80-\x9f]", data) else "latin-1")
    if text is not None and not _CONTROL.search(text):
        return text, "latin-1"
    return None


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_text(text: str) -> bool:
    return "\0" not in text and len(_CONTROL.findall(text)) <= _MAX_CONTROL_SHARE * len(text)


def _mostly_common(text: str) -> bool:
    """Whether most letters are ASCII, Latin or Chinese: read with swapped bytes they are not."""
    sample = text[:10_000]
    common = sum(c < "\u0530" or "\u3000" <= c <= "\u9fff" or c >= "\uff00" for c in sample)
    return common >= 0.8 * len(sample)


def _is_chinese(text: str) -> bool:
    """Whether text decoded as GB18030 was Chinese rather than Latin-1.

    In Latin-1 an accented letter usually stands before an ASCII one, and GB18030 reads the two as
    one rare character whose second byte is below 0x80. In Chinese most second bytes are above it.
    """
    foreign = [c for c in text if c > "\x7f"][:10_000]
    plausible = sum(len(code := c.encode("gb18030")) == 4 or code[1] >= 0x80 for c in foreign)
    return plausible >= 0.5 * len(foreign)
