"""The encoding of text is told by its letters, also of a few words, and told as a guess."""

from __future__ import annotations

import pytest

from recsys.schema import DataError
from recsys.sources.text.decoding import decode
from recsys.sources.text.encodings import foreign_lines, guess_encoding

RUSSIAN = "Тихая гавань|Война и мир|Братья|Зима|Осенний марафон|Дом|Сталкер|Зеркало".split("|")
JAPANESE = "静かな港|七人の侍|千と千尋|となりのトトロ|東京物語|コメディ|雨月物語|生きる".split("|")
KOREAN = "조용한 항구|기생충|올드보이|살인의 추억|부산행|괴물|드라마|서울".split("|")
CZECH = "Tichý přístav|Kolja|Ostře sledované vlaky|Hoří má panenko|Černý Petr|Žert".split("|")
FRENCH = "Amélie|Le Destin|Les Misérables|À bout de souffle|La Règle du jeu|Être".split("|")
TITLES = {
    "cp1251": RUSSIAN,
    "koi8-r": RUSSIAN,
    "cp866": RUSSIAN,
    "shift_jis": JAPANESE,
    "euc_jp": JAPANESE,
    "euc_kr": KOREAN,
    "big5": "寧靜的港灣|臥虎藏龍|悲情城市|飲食男女|喜劇|重慶森林|花樣年華|海角七號".split("|"),
    "gb18030": "宁静的港湾|卧虎藏龙|霸王别姬|大话西游|喜剧|重庆森林|花样年华|无间道".split("|"),
    "cp1253": "Ήσυχο λιμάνι|Ζορμπάς|Η αιωνιότητα|Κωμωδία|Δράμα|Το λιβάδι|Φως".split("|"),
    "cp1250": CZECH,
    "iso8859_2": CZECH,
    "cp1254": "Kış Uykusu|Eşkıya|Ağır Roman|Gönül Yarası|İklimler|Uzak|Susuz Yaz".split("|"),
    "cp1252": FRENCH,
    "latin-1": "Müllers Büro|Die Brücke|Männer|Das Boot|Gegen die Wand|Fräulein".split("|"),
}


def table(titles: list[str], rows: int) -> str:
    lines = [f"i{n},{titles[n % len(titles)]} {n},Drama" for n in range(rows)]
    return "\n".join(["item_id,title,genre", *lines]) + "\n"


@pytest.mark.parametrize("rows", [30, 8])
@pytest.mark.parametrize("encoding", TITLES)
def test_titles_in_every_encoding(encoding: str, rows: int) -> None:
    text = table(TITLES[encoding], rows)
    found = decode(text.encode(encoding), "items.csv")
    assert found.text.decode() == text
    told = str(found.notes[0])
    assert "which is a guess" in told
    assert any(word in told for title in TITLES[encoding] for word in title.split())


@pytest.mark.parametrize("encoding", ["cp1251", "shift_jis", "cp1252", "cp1250"])
def test_foreign_letters_in_few_of_many_lines(encoding: str) -> None:
    plain = "".join(f"i{n},Plain title {n},Drama\n" for n in range(20_000))
    text = plain + table(TITLES[encoding], 6) + plain
    assert decode(text.encode(encoding), "f").text.decode() == text


def test_russian_with_blanks_that_do_not_break_in_numbers() -> None:
    rows = [f"К-{n % 9:03};Арт.{n % 7};1\u00a0234,5;13.02.2023" for n in range(60)]
    text = "\n".join(["Код клиента;Артикул;Рейтинг;Дата заказа", *rows])
    assert guess_encoding(text.encode("cp1251")) == "cp1251"


def test_only_some_lines_are_looked_at() -> None:
    line = "i1,Тихая гавань,Drama\n".encode("cp1251")
    assert len(foreign_lines(line * 200_000)) < 100_000
    assert guess_encoding(line * 1_000) == "cp1251"


def test_utf_8_with_a_few_broken_letters_stays_utf_8() -> None:
    text = table(RUSSIAN, 40).encode()
    found = decode(text + b"i99,caf\xe9,Drama\n", "f")
    assert found.encoding == "utf-8"
    assert "caf\ufffd" in found.text.decode()
    assert "no letters in UTF-8" in str(found.notes[0])
    assert decode(text[:-3] + b"\xd0", "f").encoding == "utf-8"  # cut within a letter


def test_nul_bytes_are_dropped_and_reported() -> None:
    rows = b"item,title\n" + b"i1,Plain title\n" * 50
    found = decode(rows + b"i2,Or\0chard\n" + b"\0" * 500, "f")
    assert b"i2,Orchard\n" in found.text
    assert b"\0" not in found.text
    assert "NUL bytes" in str(found.notes[0])
    assert "501" in str(found.notes[0])
    given = decode(rows + b"a,\0b\n", "f", "cp1251")
    assert given.text.endswith(b"a,b\n")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("titles", [RUSSIAN, JAPANESE, KOREAN, FRENCH])
def test_utf_16_without_a_mark(encoding: str, titles: list[str]) -> None:
    text = table(titles, 12)
    found = decode(text.encode(encoding), "f")
    assert (found.text.decode(), found.encoding) == (text, encoding)


def test_given_wins() -> None:
    data = table(RUSSIAN, 30).encode("cp1251")
    found = decode(data, "f", "koi8-r")
    assert found.encoding == "koi8-r"
    assert found.notes == []
    with pytest.raises(DataError, match="not written in utf-8"):
        decode(data, "f", "utf-8")
