"""Bytes of a text file → text, in the encodings that spreadsheets and databases write."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from recsys.schema import N_, DataError, Message
from recsys.sources.text.encodings import examples, foreign_lines, guess_encoding

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
#: More NUL bytes than this are no accident: it is another encoding, or no text.
_MAX_NUL_SHARE = 0.01
_REPLACEMENT = "\ufffd"
_SAMPLE_LETTERS = 10_000
_PIECE_BYTES = 4 * 1024**2


@dataclass(frozen=True)
class Decoded:
    """A text in UTF-8, the encoding that it was written in, and what was noticed."""

    text: bytes
    encoding: str
    notes: list[Message] = field(default_factory=list)


def decode(data: bytes, filename: str, encoding: str | None = None) -> Decoded:
    """A whole text file in UTF-8, decoded by the `encoding` given or by its bytes.

    Tried in turn: a byte order mark, UTF-8, UTF-16 without a mark, and what the letters look like,
    which is shown as a guess. It goes piece by piece: as one string, a file with a single emoji
    would take four times its size.

    Raises:
        DataError: the encoding does not exist or does not fit, or the file is not text.
    """
    if encoding is not None:
        text = _decode_as(data, filename, encoding)
        share = text.count(b"\0") / max(len(text), 1)
        if share > _MAX_NUL_SHARE:  # every byte is a Latin-1 letter: a wrong choice shows only here
            raise _misfit(filename, encoding)
        return _without_nul(Decoded(text, encoding), filename)
    for mark, name in _MARKS:
        if data.startswith(mark):
            decoded = Decoded(_decode_as(data, filename, name), name.removesuffix("-sig"))
            return _without_nul(decoded, filename)
    found = _guess(data, filename)
    if found is None:
        raise DataError(
            N_(
                "{filename} is not a text, Excel or Parquet file. "
                "Upload a table as CSV, TSV, Excel or Parquet."
            ),
            filename=filename,
        )
    return found


def _without_nul(decoded: Decoded, filename: str) -> Decoded:
    """The text without NUL bytes, which programs leave in cells and behind the end of a log."""
    count = decoded.text.count(b"\0")
    if not count:
        return decoded
    note = N_("{filename}: NUL bytes, which no text holds, were dropped: {count}.")
    said = Message(note, {"filename": filename, "count": count})
    return replace(decoded, text=decoded.text.replace(b"\0", b""), notes=[said, *decoded.notes])


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


def _guess(data: bytes, filename: str) -> Decoded | None:
    nul = data.count(b"\0")
    if nul:
        bare = data.rstrip(b"\0")
        few = bare.count(b"\0") <= _MAX_NUL_SHARE * len(bare)
        if few and (plain := _utf8(bare.replace(b"\0", b""), filename)) is not None:
            return _without_nul(replace(plain, text=b"\0" * nul + plain.text), filename)
        for name in ("utf-16-le", "utf-16-be"):
            text = _if_text(data, name)
            if text is not None and re.search(rb"[\r\n]", text) and _mostly_common(text):
                return Decoded(text, name, [_as_a_guess(text, name, filename)])
        if not few:
            return None
        data = bare.replace(b"\0", b"")
    found = _utf8(data, filename) or _other(data, filename)
    if found is None or not nul:
        return found
    return _without_nul(replace(found, text=b"\0" * nul + found.text), filename)


def _utf8(data: bytes, filename: str) -> Decoded | None:
    """Data as UTF-8, where it is, but for a few letters."""
    try:
        text, letters = _in_utf8(data, "utf-8")
        return Decoded(text, "utf-8") if _is_text(text, letters) else None
    except UnicodeDecodeError:
        pass
    sample = foreign_lines(data).decode(errors="replace")
    broken = sample.count(_REPLACEMENT)
    good = sum(c > "\x7f" for c in sample) - broken
    if good < 10 * broken:
        return None
    text = b"".join(
        piece.encode() for piece in codecs.iterdecode(_pieces(data), "utf-8", errors="replace")
    )
    note = N_(
        "{filename}: bytes that are no letters in UTF-8 were read as “{mark}”: {count}. The file "
        "may mix encodings."
    )
    count = text.count(_REPLACEMENT.encode())
    params = {"filename": filename, "mark": _REPLACEMENT, "count": count}
    return Decoded(text, "utf-8", [Message(note, params)])


def _other(data: bytes, filename: str) -> Decoded | None:
    """Data in the encoding that its letters look like."""
    if _controls(data) > _MAX_CONTROL_SHARE * len(data):
        return None
    guesses = [guess_encoding(data), "cp1252", "latin-1"]
    for name in filter(None, guesses):
        # C1 control codes never occur in text; Windows puts letters in their place.
        if name == "latin-1" and (_controls(data) or re.search(rb"[\x80-\x9f]", data)):
            continue
        text = _if_text(data, name)
        if text is not None:
            return Decoded(text, name, [_as_a_guess(text, name, filename)])
    return None


def _as_a_guess(text: bytes, encoding: str, filename: str) -> Message:
    note = N_(
        "{filename} was read as {encoding}, which is a guess: “{words}”. If letters look wrong, "
        "choose its encoding."
    )
    words = "”, “".join(examples(text))
    return Message(note, {"filename": filename, "encoding": encoding, "words": words})


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[place : place + _PIECE_BYTES] for place in range(0, len(data), _PIECE_BYTES))


def _if_text(data: bytes, encoding: str) -> bytes | None:
    """Data in UTF-8 where it is written in `encoding` and is text."""
    try:
        text, letters = _in_utf8(data, encoding)
    except UnicodeError:
        return None
    return text if _is_text(text, letters) else None


def _is_text(text: bytes, letters: int) -> bool:
    return _controls(text) <= _MAX_CONTROL_SHARE * letters


def _controls(text: bytes) -> int:
    """How many control characters there are."""
    pieces = (text[place : place + _PIECE_BYTES] for place in range(0, len(text), _PIECE_BYTES))
    return sum(len(piece) - len(piece.translate(None, _CONTROL)) for piece in pieces)


def _mostly_common(text: bytes) -> bool:
    """Whether most letters are of common alphabets: read with swapped bytes they are not."""
    sample = text[: 4 * _SAMPLE_LETTERS].decode(errors="ignore")[:_SAMPLE_LETTERS]
    common = sum(
        c < "\u0700" or "\u3000" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" or c >= "\uff00"
        for c in sample
    )
    plain = sum(c < "\x80" for c in sample)
    return common >= 0.8 * len(sample) and plain >= 0.02 * len(sample)
