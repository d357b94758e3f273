"""Names of columns that number a place, in figures or in words: "1e boek", "Third choice"."""

from __future__ import annotations

import re

from recsys.sources.columns.names import words_of

#: Words of places from the first one on, in lower case without accents; "|" between languages.
_WORDS = """
first one 1st|primero primera primer uno una|premier premiere un une|erste erstes erster ersten eins
 |primeiro primeira um uma|primo prima|eerste een|forsta|forste|pierwszy pierwsza pierwsze|prvni
 |birinci bir|первый первая первое|pertama
second two|segundo segunda dos|deuxieme second seconde deux|zweite zweites zweiter zweiten zwei
 |segundo segunda dois duas|secondo seconda due|tweede twee|andra|anden andet andre|drugi druga
 drugie|druhy druha druhe|ikinci iki|второй вторая второе|kedua
third three|tercero tercera tercer tres|troisieme trois|dritte drittes dritter dritten drei
 |terceiro terceira|terzo terza tre|derde drie|tredje|trzeci trzecia trzecie|treti|ucuncu uc
 |третий третья третье|ketiga
fourth four|cuarto cuarta cuatro|quatrieme quatre|vierte viertes vierter vierten vier
 |quarto quarta quatro|quattro|vierde|fjarde|fjerde|czwarty czwarta czwarte|ctvrty ctvrta ctvrte
 |dorduncu dort|четвертый четвертая четвертое|keempat
fifth five|quinto quinta cinco|cinquieme cinq|funfte funftes funfter funften funf|quinto quinta
 |cinque|vijfde vijf|femte|piaty piata piate|paty pata pate|besinci bes|пятый пятая пятое|kelima
sixth six|sexto sexta seis|sixieme|sechste sechstes sechster sechsten sechs|sesto sesta sei
 |zesde zes|sjatte|sjette|szosty szosta szoste|sesty sesta seste|altinci alti
 |шестой шестая шестое|keenam
seventh seven|septimo septima siete|septieme sept|siebte siebtes siebter siebten sieben
 |setimo setima sete|settimo settima sette|zevende zeven|sjunde|syvende|siodmy siodma siodme
 |sedmy sedma sedme|yedinci yedi|седьмой седьмая седьмое|ketujuh
eighth eight|octavo octava ocho|huitieme huit|achte achtes achter achten acht|oitavo oitava oito
 |ottavo ottava otto|achtste|attonde|ottende|osmy osma osme|sekizinci sekiz
 |восьмой восьмая восьмое|kedelapan
ninth nine|noveno novena nueve|neuvieme neuf|neunte neuntes neunter neunten neun|nono nona nove
 |negende negen|nionde|niende|dziewiaty dziewiata dziewiate|devaty devata devate
 |dokuzuncu dokuz|девятый девятая девятое|kesembilan
tenth ten|decimo decima diez|dixieme dix|zehnte zehntes zehnter zehnten zehn|dez|dieci
 |tiende tien|tionde|dziesiaty dziesiata dziesiate|desaty desata desate|onuncu
 |десятый десятая десятое|kesepuluh
"""
_PLACES = {
    word: place
    for place, words in enumerate(re.split(r"\n(?! )", _WORDS.strip()), start=1)
    for word in re.split(r"[\s|]+", words)
}
_DIGITS = "一二三四五六七八九十"
_BEHIND = re.compile(
    r"(.*?\D|)[ _\-.#№]*(?<!\d)(\d{1,4})(?:st|nd|rd|th|er?|[eè]re|[eè]me|\.|º|ª|°)?", re.IGNORECASE
)
#: What stands behind the figures of an ordinal number.
_MARK = (
    r"st|nd|rd|th|re|er|[eè]re|e|[eè]me|nde|de|ste|º|ª|°|o|a|\.|:a|:e|-?й|-?я|-?е|-?ое|-?ая|'?nci"
)
_BEFORE = re.compile(rf"(\d{{1,3}})(?:{_MARK})?[ _\-.:)]+(\D.*)", re.IGNORECASE)
_CHINESE = re.compile(rf"第?\s*(\d{{1,3}}|[{_DIGITS}]{{1,2}})(?!\d)\s*([^\d\sA-Za-z].*)")


def place_of(name: str) -> tuple[str, int] | None:
    """What a name says without its number, in lower case, and the number; None without one.

    "item_3" → item, 3; "1e boek" → boek, 1; "Segundo libro" → libro, 2; "第一本" → 本, 1.
    """
    name = name.strip()
    if found := _BEHIND.fullmatch(name):
        return found[1].strip(" _-.#№").casefold(), int(found[2])
    if found := _BEFORE.fullmatch(name):
        return found[2].strip().casefold(), int(found[1])
    if found := _CHINESE.fullmatch(name):
        return found[2].strip(), _number(found[1])
    words = words_of(name)
    places = [place for place, word in enumerate(words) if word in _PLACES]
    if len(words) < 2 or len(places) != 1 or places[0] not in (0, len(words) - 1):
        return None
    place = _PLACES[words[places[0]]]
    return " ".join(word for word in words if word not in _PLACES), place


def _number(text: str) -> int:
    """The number of figures, Arabic or Chinese: "12", "三", "十", "十二"."""
    if text.isdecimal():
        return int(text)
    tens, ones = (text[:-1], text[-1]) if len(text) > 1 else ("", text)
    return (10 if tens == "十" else 0) + _DIGITS.index(ones) + 1
