"""Bytes of a text file → text, in the encodings that spreadsheets and databases write."""

from __future__ import annotations

import codecs
import itertools
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
_CONTROL = bytes([0, *range(2, 9), *range(14, 26), 27, 28, 29])
_MAX_CONTROL_SHARE = 0.01
_SAMPLE_LETTERS = 10_000
_PIECE_BYTES = 4 * 1024**2


def decode(data: bytes, filename: str, encoding: str | None = None) -> tuple[bytes, list[Message]]:
    """A whole text file in UTF-8, decoded strictly by the `encoding` given or by its bytes.

    Tried in turn: a byte order mark, UTF-16 without one, UTF-8, GB18030, Windows/ISO Latin-1. It
    goes piece by piece: as one string, a file with a single emoji would take four times its size.

    Raises:
        DataError: the encoding does not exist or does not fit, or the file is not text.
    """
    if encoding is not None:
        text = _decode_as(data, filename, encoding)
        if b"\0" in text:  # every byte is a Latin-1 letter, so a wrong choice shows only here
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


def _decode_as(data: bytes, filename: str, encoding: str) -> bytes:
    try:
        _check_is_text_encoding(encoding)
        return _in_utf8(data, encoding)[0].removeprefix(codecs.BOM_UTF8)
    except LookupError as error:
        raise DataError(
            N_('There is no encoding called "{encoding}". Try utf-8, utf-16, gb18030 or latin-1.'),
            encoding=encoding,
        ) from error
    except UnicodeError as error:
        raise _misfit(filename, encoding) from error


def _check_is_text_encoding(encoding: str) -> None:
    """Raise `LookupError` for what does not exist, and for codecs such as "zlib" or "rot13"."""
    try:
        b"a".decode(encoding)
    except UnicodeError:
        pass  # half a letter of UTF-16


def _misfit(filename: str, encoding: str) -> DataError:
    return DataError(
        N_("{filename} is not written in {encoding}. Choose another encoding, or none to guess."),
        filename=filename,
        encoding=encoding,
    )


def _in_utf8(data: bytes, encoding: str) -> tuple[bytes, int]:
    """Data in another encoding, and its number of letters. Raises `UnicodeError` if it is not."""
    name = codecs.lookup(encoding).name
    if name == "utf-8-sig":
        data, name = data.removeprefix(codecs.BOM_UTF8), "utf-8"
    decoder = codecs.getincrementaldecoder(name)()
    same = name == "utf-8"
    parts: list[bytes] = []
    letters = 0
    for place in range(0, len(data), _PIECE_BYTES):
        last = place + _PIECE_BYTES >= len(data)
        text = decoder.decode(data[place : place + _PIECE_BYTES], last)
        letters += len(text)
        if not same:
            parts.append(text.encode())
    return data if same else b"".join(parts), letters


def _guess(data: bytes) -> tuple[bytes, str] | None:
    if b"\0" in data:
        for name in ("utf-16-le", "utf-16-be"):
            text = _if_text(data, name)
            if text is not None and b"\n" in text and _mostly_common(text):
                return text, name
        return None
    try:
        text, letters = _in_utf8(data, "utf-8")
        return (text, "utf-8") if _is_text(text, letters) else None
    except UnicodeDecodeError:
        pass
    text = _if_text(data, "gb18030")
    if text is not None and _is_chinese(text):
        return text, "gb18030"
    # C1 control codes never occur in text; Windows puts letters in their place.
    text = _if_text(data, "cp1252" if re.search(rb"[\x80-\x9f]", data) else "latin-1")
    if text is not None and not _controls(text):
        return text, "latin-1"
    return None


def _if_text(data: bytes, encoding: str) -> bytes | None:
    """Data in UTF-8 where it is written in `encoding` and is text."""
    try:
        text, letters = _in_utf8(data, encoding)
    except UnicodeError:
        return None
    return text if _is_text(text, letters) else None


def _is_text(text: bytes, letters: int) -> bool:
    return b"\0" not in text and _controls(text) <= _MAX_CONTROL_SHARE * letters


def _controls(text: bytes) -> int:
    """How many control characters there are."""
    pieces = (text[place : place + _PIECE_BYTES] for place in range(0, len(text), _PIECE_BYTES))
    return sum(len(piece) - len(piece.translate(None, _CONTROL)) for piece in pieces)


def _mostly_common(text: bytes) -> bool:
    """Whether most letters are ASCII, Latin or Chinese: read with swapped bytes they are not."""
    sample = text[: 4 * _SAMPLE_LETTERS].decode(errors="ignore")[:_SAMPLE_LETTERS]
    common = sum(c < "\u0530" or "\u3000" <= c <= "\u9fff" or c >= "\uff00" for c in sample)
    return common >= 0.8 * len(sample)


def _is_chinese(text: bytes) -> bool:
    """Whether text decoded as GB18030 was Chinese rather than Latin-1.

    In Latin-1 an accented letter usually stands before an ASCII one, and GB18030 reads the two as
    one rare character whose second byte is below 0x80. In Chinese most second bytes are above it.
    """
    letters = re.finditer(rb"[\xc2-\xf4][\x80-\xbf]+", text)  # those above ASCII
    foreign = [m[0].decode() for m in itertools.islice(letters, _SAMPLE_LETTERS)]
    plausible = sum(len(code := c.encode("gb18030")) == 4 or code[1] >= 0x80 for c in foreign)
    return plausible >= 0.5 * len(foreign)
