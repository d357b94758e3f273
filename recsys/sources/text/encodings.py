"""In which encoding letters beyond ASCII were written, where nothing in the file says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

_SAMPLE_BYTES = 60_000
_SAMPLE_LINES = 400
#: Letter statistics say little about so few bytes.
_FEW_BYTES = 120
#: Guesses that differ from a more usual encoding in letters that hardly occur, or hold less of it.
_USUAL = {
    "cp1125": "cp866",
    "euc_jis_2004": "euc_jp",
    "euc_jisx0213": "euc_jp",
    "shift_jis": "cp932",
    "shift_jis_2004": "cp932",
    "shift_jisx0213": "cp932",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "cp950",
    "latin_1": "cp1252",
    "iso8859_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_15": "cp1252",
}
#: Letters beyond ASCII of languages, by the encoding that Windows writes them in.
_ALPHABETS = {
    "cp1252": (
        "àâæçéèêëîïôùûüÿœ",  # French
        "äöüßéèà",  # German
        "áéíóúüñ¿¡",  # Spanish
        "áâãàçéêíóôõú",  # Portuguese
        "àèéìíòóùú",  # Italian
        "åäöæøé",  # Danish, Norwegian, Swedish, Finnish
        "ëïéèüöäóá",  # Dutch
        "àçèéíïòóúü·",  # Catalan
        "áðéíóúýþæö",  # Icelandic
    ),
    "cp1250": (
        "áčďéěíňóřšťúůýž",  # Czech
        "áäčďéíĺľňóôŕšťúýž",  # Slovak
        "ąćęłńóśźż",  # Polish
        "áéíóöőúüű",  # Hungarian
        "ăâîşţ",  # Romanian
        "čćđšž",  # Croatian, Slovenian
    ),
    "cp1254": ("çğıöşüİâîû",),  # Turkish
    "cp1257": ("āčēģīķļņšūž", "ąčęėįšųūž", "äöõüšž"),  # Latvian, Lithuanian, Estonian
}
_LATIN = {
    "cp1252": ("cp1252",),
    "cp1250": ("cp1250", "iso8859_2"),
    "cp1254": ("cp1254",),
    "cp1257": ("cp1257",),
}
#: Marks of typography that any text may hold.
_MARKS = frozenset("“”„’‘‚–—…«»°©®™€£§·•´\u00a0¿¡×½²³ºª†")
#: Signs that stand between letters only where the encoding is another one.
_BETWEEN_LETTERS = re.compile(
    r"(?<=[^\W\d_])[¹²³½¼¾×¿¡§¶µ¬¦¨¸±¯£¥¢¤]|[¹²³½¼¾×§¶µ¬¦¨¸±¯£¥¢¤®©](?=[^\W\d_])"
)
_CYRILLIC = re.compile("[А-ЯЁІЇЄҐЎ]?[а-яёіїєґў]*|[А-ЯЁІЇЄҐЎ]+")
#: Guesses that are taken for one of the above where letters of a language agree.
_MISTAKEN = re.compile(
    r"cp(?:125[0247]|437|85\d|86[0135]|775|500|037|1140|273|1026)|iso8859_.*|mac_.*|hp_.*|tis_620|cp1258|cp874|latin.*"
)
#: Encodings of Cyrillic that hardly any file has, and that agree with usual ones in most letters.
_RARE_CYRILLIC = re.compile(r"mac_cyrillic|iso8859_5|cp855|ptcp154|kz1048|koi8_[tu]")


def foreign_lines(data: bytes) -> bytes:
    """Lines with bytes above ASCII, some from the beginning and some from all over the data."""
    places = [0, *(len(data) * part // 8 for part in range(1, 8))] if len(data) > 400_000 else [0]
    found: list[bytes] = []
    for place in places:
        found += _lines(data, place, _SAMPLE_BYTES // len(places), _SAMPLE_LINES // len(places))
    return b"\n".join(found)


def _lines(data: bytes, place: int, most: int, count: int) -> Iterator[bytes]:
    taken = 0
    foreign = re.compile(rb"[\x80-\xff]")
    while taken < most and count and (hit := foreign.search(data, place)):
        begin = data.rfind(b"\n", max(0, hit.start() - 2_000), hit.start()) + 1
        end = data.find(b"\n", hit.end(), hit.end() + 4_000)
        end = min(hit.end() + 4_000, len(data)) if end < 0 else end
        yield data[begin or max(0, hit.start() - 2_000) * (begin == 0) : end]
        taken += end - begin
        count -= 1
        place = end


def guess_encoding(data: bytes) -> str | None:
    """The most plausible encoding of bytes that are no UTF-8; None where none is.

    Told by which letters follow each other (charset-normalizer); of encodings for Latin letters,
    which the same bytes suit equally well, by which language has all letters that occur.
    """
    sample = foreign_lines(data)
    runs = re.findall(rb"[\x80-\xff]+", sample)
    among = re.findall(rb"(?<=[A-Za-z])[\x80-\xff]+|[\x80-\xff]+(?=[A-Za-z])", sample)
    if 2 * len(among) > len(runs) and (latin := _latin(sample)):
        return latin  # accents among plain letters
    if sum(map(len, runs)) < _FEW_BYTES and (guess := _east_asian(sample) or _cyrillic(sample)):
        return guess
    best = from_bytes(sample).best()
    guess = None if best is None else _USUAL.get(best.encoding, best.encoding)
    if guess is not None and _RARE_CYRILLIC.fullmatch(guess) and (usual := _cyrillic(sample)):
        return usual
    if guess is None or _MISTAKEN.fullmatch(guess):
        return _east_asian(sample) or _latin(sample) or guess
    return guess


def _east_asian(sample: bytes) -> str | None:
    """Of a few words: the encoding under which nearly all letters are among the frequent ones.

    Standards put those first: "level 1" of GB 2312, Big5 and JIS. Modern Korean has no others.
    """
    scores: dict[str, float] = {}
    kana = False
    for encoding in ("cp949", "euc_jp", "cp932", "cp950", "gb18030"):
        try:
            letters = re.sub(r"[\x00-\x7f\U00010000-\U0010ffff]", "", sample.decode(encoding))
        except UnicodeDecodeError:
            continue
        if encoding == "euc_jp":
            kana = re.search("[ぁ-ヾ]", letters) is not None
        scores[encoding] = sum(_is_frequent(c, encoding) for c in letters) / max(len(letters), 1)
    if not kana:
        scores.pop("euc_jp", None)  # the same bytes are Korean, or Chinese
    if kana or scores.get("cp949", 0) < 1:
        scores.pop("cp949", None)
    best = max(scores, key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] >= 0.9 else None


def _is_frequent(letter: str, encoding: str) -> bool:
    if "\u3001" <= letter <= "\u3011" or "\uff01" <= letter <= "\uff5e":
        return True  # punctuation
    if encoding == "cp949":
        return "\uac00" <= letter <= "\ud7a3"
    if "\u3041" <= letter <= "\u30fe":
        return encoding in ("euc_jp", "cp932")
    if not "\u4e00" <= letter <= "\u9fff":
        return False
    code = letter.encode(encoding)
    first, last = {
        "euc_jp": (0xB0, 0xCF),
        "cp932": (0x88, 0x98),
        "cp950": (0xA4, 0xC6),
        "gb18030": (0xB0, 0xD7),
    }[encoding]
    second_half = encoding != "gb18030" or code[1] >= 0xA1
    return first <= code[0] <= last and second_half


def _cyrillic(sample: bytes) -> str | None:
    """Of a few words: the encoding under which they are Cyrillic, capitals only at their start."""
    for encoding in ("cp1251", "koi8-r", "cp866"):
        try:
            words = re.findall(r"[^\x00-\x7f\xa0]+", sample.decode(encoding))
        except UnicodeDecodeError:
            continue
        if re.search(r"(?<=[A-Za-z])[^\x00-\x7f\xa0]", sample.decode(encoding)):
            continue
        if all(_CYRILLIC.fullmatch(word.strip("«»“”„—–…№")) for word in words):
            return encoding
    return None


def _latin(sample: bytes) -> str | None:
    """The encoding under which a language has the most of the letters; Western among equals."""
    best, most = None, 0.0
    for name, encodings in _LATIN.items():
        for encoding in encodings:
            try:
                text = sample.decode(encoding).lower()
            except UnicodeDecodeError:
                continue
            plain = [c for c in text if c > "\x7f" and c not in _MARKS]
            plain += _BETWEEN_LETTERS.findall(text)
            share = max(_covered(plain, alphabet.lower()) for alphabet in _ALPHABETS[name])
            if name == "cp1252":  # catalogues mix its languages
                share = max(share, 0.97 * _covered(plain, "".join(_ALPHABETS[name][:7])))
            if share > most + 0.02:
                best, most = encoding, share
    return best if most >= 0.8 else None


def _covered(letters: list[str], alphabet: str) -> float:
    return sum(c in alphabet for c in letters) / len(letters) if letters else 1.0


def examples(text: bytes, count: int = 3) -> list[str]:
    """A few words of decoded text with letters beyond ASCII."""
    head = text[:4_000_000]
    found: list[str] = []
    for hit in re.finditer(rb"[^\s,;|\"':(){}\[\]\t]*[\xc2-\xf4][^\s,;|\"':(){}\[\]\t]*", head):
        word = hit[0].decode(errors="ignore").strip(".!?")[:30]
        if word and word not in found:
            found.append(word)
        if len(found) == count:
            break
    return found
