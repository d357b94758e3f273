"""Lists in cells, such as "[1, 2, 3]" beside a user → a row for each event.

Files for sequential recommenders repeat a history: a row for each event with all that came before
it, or with the last ten. So what a row adds to the rows before it is looked for, and only that is
an event.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID, N_, RATING, TIMESTAMP, TITLE, USER_ID, Message
from recsys.sources.cells import called, named_items, named_users, row_says, words_of
from recsys.sources.columns import columns_named, guess_columns, guesses, known_names
from recsys.sources.contents import Content
from recsys.sources.names import WORD, says_else, strength
from recsys.sources.names import words_of as folded_words
from recsys.sources.ordinals import place_of
from recsys.sources.tokens import QUOTED, numbers_beside, tokens_of, without_numbers
from recsys.sources.values import is_nothing, parse_numbers

_SAMPLE_ROWS = 1_000
_MOST = 0.8
#: A wider table holds one value in a cell.
_MOST_COLUMNS = 200
_BRACKETED = r"(?s)^\s*(?:array)?\(?\s*[\[({].*[\])}]\s*\)?\s*$"
_NESTED = re.compile(r"""^\s*[\[({]\s*[\[({]|:""")
#: What may stand between the items of a cell without brackets, the surest first.
_BETWEEN = ("|", "->", "→", ">", ";", "\t", ",", "、", " ")
_CODE = r"^[\w.:\-]*\d[\w.:\-]*$"
#: Marks that stand in names and titles, too.
_IN_NAMES = (",", " / ", " + ", ">")
#: The share of parts that come again, and of those the share that come at several places, where
#: cells are lists, and where they may be.
_AGAIN, _SOME_AGAIN = 0.6, 0.4
_LONGEST_NAME, _SHOWN = 60, 80
#: Words in the names of columns that hold what a user did, one after the other.
_HISTORY = frozenset(
    """history histories hist sequence sequences seq session sessions basket baskets cart carts
    list lists items movies films products books songs tracks articles clicks clicked viewed views
    watched bought purchased purchases played visited read liked previous prev past context
    interactions events inter historial lista historique verlauf liste история список
    历史 序列 列表 记录 购物篮 履歴 リスト
    articulos productos libros peliculas canciones compras carrito cesta produits livres achats
    panier chansons produkte buecher bucher lieder warenkorb einkaufe bestellungen produtos livros
    filmes musicas compras carrinho prodotti articoli libri canzoni acquisti carrello producten
    boeken artikelen winkelwagen winkelmand produkty ksiazki zakupy koszyk urunler kitaplar sepet
    товары книги фильмы песни покупки корзина""".split()
)
#: Words in the names of columns that hold several people, without accents.
_PEOPLE = frozenset(
    """users students attendees participants members readers customers buyers learners pupils
    listeners viewers players subscribers employees guests visitors borrowers voters fans followers
    enrolled registrants watchers reviewers borrowed_by liked_by usuarios alumnos estudiantes
    asistentes participantes miembros socios lectores clientes inscritos matriculados utilisateurs
    etudiants eleves participants membres lecteurs clients inscrits adherents nutzer studenten
    studierende schuler schueler teilnehmer teilnehmende mitglieder leser kunden besucher
    zuschauer utilizadores usuarios alunos estudantes participantes membros leitores inscritos
    utenti studenti alunni partecipanti membri lettori clienti iscritti gebruikers leerlingen
    deelnemers leden lezers klanten uzytkownicy studenci uczniowie uczestnicy czlonkowie
    czytelnicy kullanicilar ogrenciler katilimcilar uyeler okuyucular studerende deltagere
    medlemmer elever deltagare medlemmar studenter пользователи студенты ученики участники
    читатели слушатели клиенты 学生 学员 用户 成员 会员 读者 参加者 受講者 利用者 参与者
    참가자 학생 회원""".split()
)
_TITLES = frozenset("title titles name names título titulo titre titel 标题 名称 названия".split())
_RATINGS = frozenset("rating ratings score scores stars 评分 打分".split())
_TIMES = frozenset("time times timestamp timestamps date dates ts 时间 时间戳".split())


@dataclass(frozen=True)
class Lists:
    """What is what in a table with lists.

    Attributes:
        items: the column with lists of items, oldest first.
        between: what stands between them where there are no brackets.
        user: the column of users; None where each row is somebody's.
        target: the column with the one item that comes after the list; or None.
        parallel: title, rating or timestamp → the column with a list of them.
        single: title, rating or timestamp → the column with that of the target, or of the row.
        clicked: whether items carry "-1" where they were clicked, and "-0" where only shown.
        numbers: how a number is written beside each item: how many of it, or a rating.
        of_users: whether the lists hold users, and `user` is the column of the items.
    """

    items: str
    between: str | None
    user: str | None
    target: str | None = None
    parallel: dict[str, str] = field(default_factory=dict)
    single: dict[str, str] = field(default_factory=dict)
    clicked: bool = False
    numbers: re.Pattern[str] | None = None
    of_users: bool = False


def find_lists(frame: pd.DataFrame, *, sure: bool = False) -> Lists | None:
    """What is what, where cells hold lists of items; None where none do.

    Args:
        sure: whether a person says that they do.
    """
    if len(frame.columns) > _MOST_COLUMNS:
        return None
    sample = frame.head(_SAMPLE_ROWS)
    names = list(map(str, frame.columns))
    users = [c for c in called(frame, USER_ID, named_users(frame)) if frame[c].dtype != object]
    if (of_users := _lists_of_users(sample, names)) is not None:
        return of_users
    bracketed = [c for c in names if c not in users and _is_bracketed(sample[c])]
    items = called(frame, ITEM_ID, named_items(frame))
    plain = [c for c in items if c not in bracketed and c not in users]
    target = next((c for c in plain if _between(sample[c], _is_history(c), True) is None), None)
    user = users[0] if users else None
    found = _lists(sample, names, bracketed, items, user, target, sure)
    if found is None:
        return None
    column, between = found
    if user is None:
        before = [c for c in names if c not in bracketed]
        before = [c for c in before if _names_rows(sample[c], c, column, target)]
        user = _likely_user(sample, before)
    if target is not None and not _comes_after(sample, column, between, target):
        return None if not sure else Lists(column, between, user)
    if target is not None and user is not None and not sure:
        if _repeats_rows(sample, column, between, user, target):
            return None
    parallel, single = _beside(sample, names, bracketed, column, between, target)
    if target is None and TIMESTAMP not in {*parallel, *single}:
        chosen = {ITEM_ID: column, USER_ID: user or ""}
        guess = guesses(sample.drop(columns=bracketed), "interactions", chosen).get(TIMESTAMP)
        single |= {TIMESTAMP: guess.column} if guess is not None else {}
    numbers = _numbers(sample[column], between) if target is None else None
    clicked = target is None and numbers is None and _is_clicked(sample[column], between)
    return Lists(column, between, user, target, parallel, single, clicked, numbers)


def _likely_user(sample: pd.DataFrame, columns: list[str]) -> str | None:
    """The column that names the users, among those that no name tells: addresses before others.

    A number of the row, a time, a state of the order or its number is no user where something
    else can be.
    """
    contents = {c: Content(sample[c]) for c in columns}
    for likely in (
        lambda c: contents[c].people,
        lambda c: (
            not (_counts(sample[c]) or contents[c].times or contents[c].kinds) and not says_else(c)
        ),
        lambda c: len(columns) == 1 or not _counts(sample[c]),
    ):
        found = next((c for c in columns if likely(c)), None)
        if found is not None:
            return found
    return None


def _lists_of_users(sample: pd.DataFrame, names: list[str]) -> Lists | None:
    """What is what, where a row is an item, with a list of those who took, read or joined it."""
    listed = [c for c in names if _says_people(c)]
    others = [c for c in names if c not in listed]
    if not listed and not any(strength(c, USER_ID)[0] >= WORD for c in names):
        listed = [c for c in names if _are_addresses(sample[c])]
        others = [c for c in names if c not in listed]
    if len(listed) != 1 or any(strength(c, USER_ID)[0] >= WORD for c in others):
        return None
    people = sample[listed[0]]
    between = None if _is_bracketed(people) else _mixed_between(people)
    if between is None and not _is_bracketed(people):
        return None
    free = [c for c in others if sample[c].dtype != object and not _is_bracketed(sample[c])]
    items = [c for c in free if strength(c, ITEM_ID)[0] >= WORD]
    items += [c for c in free if strength(c, TITLE)[0] >= WORD and c not in items]
    items += [c for c in free if Content(sample[c]).unique and c not in items]
    if not items:
        return None
    titles = [c for c in columns_named(sample[free], TITLE, "interactions") if c != items[0]]
    chosen = {ITEM_ID: items[0], USER_ID: listed[0]}
    guess = guesses(sample, "interactions", chosen).get(TIMESTAMP)
    single = {TITLE: titles[0]} if titles else {}
    single |= {TIMESTAMP: guess.column} if guess is not None else {}
    return Lists(listed[0], between, items[0], single=single, of_users=True)


def _says_people(name: str) -> bool:
    """Whether the name of a column says that it holds several people."""
    return any(word in _PEOPLE for word in (*words_of(name), *folded_words(name)))


def _are_addresses(cells: pd.Series) -> bool:
    """Whether cells hold several addresses of mail each."""
    text = " ".join(map(str, cells.head(_SAMPLE_ROWS // 10)))
    found = re.findall(r"[^\s@,;|'\"\[\]]+@[^\s@,;|'\"\[\]]+\.\w+", text)
    return len(found) > 1.5 * min(len(cells), _SAMPLE_ROWS // 10)


def _numbers(cells: pd.Series, between: str | None) -> re.Pattern[str] | None:
    """How a number is written beside each item of lists without brackets."""
    if between is None or between == " ":
        return None
    return numbers_beside([token for row in tokens_of(cells, between) for token in row])


def unread_lists(frame: pd.DataFrame, filename: str) -> list[Message]:
    """What is said where a column that is read as items seems to hold several in a cell."""
    if len(frame.columns) > _MOST_COLUMNS:
        return []
    sample = frame.head(_SAMPLE_ROWS)
    column = guess_columns(sample, "interactions").get(ITEM_ID)
    if column is None or sample[column].dtype == object:
        return []
    between = _mixed_between(sample[column], sure=False)
    if between is None:
        return []
    example = next(c for c in sample[column] if between in c)
    note = N_(
        "{filename}: cells of {column} seem to hold several items, such as “{example}”, but each "
        "was read as one. If they are lists, choose so (shape=lists)."
    )
    params = {"filename": filename, "column": column, "example": _shortened(example)}
    return [Message(note, params, grave=True)]


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _lists(
    sample: pd.DataFrame,
    names: list[str],
    bracketed: list[str],
    items: list[str],
    user: str | None,
    target: str | None,
    sure: bool,
) -> tuple[str, str | None] | None:
    """The column with lists of items, and what stands between them."""
    told = [c for c in bracketed if not _role(c)] or ([] if target else bracketed)
    ids = [c for c in told if "id" in words_of(c) or "ids" in words_of(c)]
    overlap = [c for c in told if target and _comes_after(sample, c, None, target)]
    named = [c for c in told if c in items or _is_history(c)]
    for columns in (overlap, [c for c in ids if c in named], named, told if target is None else []):
        if columns:
            return columns[0], None
    for column in names:
        if column in bracketed or column in (user, target) or sample[column].dtype == object:
            continue
        history = column in items or _is_history(column)
        between = _between(sample[column], _is_history(column) or sure, column in items)
        if between is None or not (history or sure or target is None):
            continue
        if Content(sample[column]).times:  # "2024-01-05 10:30" is no list of two
            continue
        if history or sure or (user is not None and len(names) <= 3) or len(names) <= 2:
            return column, between
        if not known_names(names) and _is_ragged(sample[column], between):
            return column, between
    if target is None:  # by content alone: where nothing else can be the items
        chosen = {USER_ID: user} if user is not None else {}
        guess = guesses(sample, "interactions", chosen).get(ITEM_ID)
        if guess is not None and sample[guess.column].dtype != object:
            between = _mixed_between(sample[guess.column])
            return None if between is None else (guess.column, between)
    return None


def _is_bracketed(cells: pd.Series) -> bool:
    if cells.dtype == object:
        return bool(cells.map(lambda v: isinstance(v, (list, tuple, np.ndarray))).mean() > _MOST)
    filled = cells[[not is_nothing(cell) for cell in cells]]
    if filled.empty:
        return False
    text = filled.astype("str")
    return bool(text.str.contains(_BRACKETED).mean() > _MOST) and not _is_nested(text)


def nested_column(frame: pd.DataFrame) -> str | None:
    """A column of lists within lists, or of records, where nothing else can be the items."""
    if len(frame.columns) > _MOST_COLUMNS:
        return None
    sample = frame.head(100)
    items = [c for c in named_items(frame) if frame[c].dtype != object]
    deep = [c for c in map(str, frame.columns) if sample[c].dtype != object and _is_deep(sample[c])]
    return deep[0] if deep and not set(items) - set(deep) else None


def _is_deep(cells: pd.Series) -> bool:
    filled = pd.Series([cell for cell in cells if not is_nothing(cell)], dtype="str")
    told = filled.str.contains(_BRACKETED)
    return bool(len(filled)) and told.mean() > _MOST and _is_nested(filled)


def _is_nested(text: pd.Series) -> bool:
    head = text.head(100)
    return head.map(lambda cell: bool(_NESTED.search(_without_quoted(cell)))).mean() > 0.2


def users_of_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """A row for each user, where a table has a column for each, with the items below the name.

    So is a table of one row with a list in each cell, as JSON that names users gives it.
    """
    names = list(map(str, frame.columns))
    if not 1 < len(names) <= _MOST_COLUMNS or known_names(names):
        return frame
    stems = [place[0] for name in names if (place := place_of(name)) is not None]
    if 2 * len(stems) >= len(names) and row_says(stems[0]) != USER_ID:
        return frame  # "1st choice", "2nd choice": places in the list of each row
    if len(frame) == 1 and all(_is_bracketed(frame[c]) for c in names):
        cells = [frame[c].iloc[0] for c in names]
    elif len(names) < 3 or not 1 < len(frame) <= _SAMPLE_ROWS or not _share_words(frame):
        return frame
    else:
        cells = [[v for v in frame[c].str.strip() if not is_nothing(v)] for c in names]
    told = {USER_ID: pd.array(names, dtype="str"), "items": pd.Series(cells, dtype=object)}
    return pd.DataFrame(told).set_axis(pd.Index([frame.index[0]] * len(names), name="row"))


def _share_words(frame: pd.DataFrame) -> bool:
    """Whether columns hold words of one kind that come again in other columns, never in one."""
    columns = []
    for name in frame.columns:
        if frame[name].dtype == object:
            return False
        filled = [v for v in frame[name].str.strip() if not is_nothing(v)]
        if len(set(filled)) < len(filled) or frame[name].str.fullmatch(r"[\d.,\s]*").all():
            return False
        columns.append(filled)
    total = sum(map(len, columns))
    return total > len(columns) and len(set(chain.from_iterable(columns))) < 0.6 * total


def _without_quoted(cell: str) -> str:
    return re.sub(f"(?s){QUOTED}", "", cell[:10_000])


def _is_history(name: str) -> bool:
    return any(word in _HISTORY for word in (*words_of(name), *folded_words(name)))


def _mixed_between(cells: pd.Series, *, sure: bool = True) -> str | None:
    """What stands between the items of most cells, told by the items alone; None for no lists.

    Items of lists come again in other cells and at other places of them. The parts of a name, an
    address or a title with a comma come again at their own place.
    """
    if cells.dtype == object:
        return None
    filled = pd.Series([c.strip() for c in cells if not is_nothing(c)], dtype="str").unique()
    filled = pd.Series(filled, dtype="str")
    for between in (*_BETWEEN[:-1], "\n", " / ", " + ", "，", "；"):
        if len(filled) < 3 or filled.str.contains(between, regex=False).mean() <= 0.3:
            continue
        rows = list(tokens_of(filled, between))
        numbers = numbers_beside([token for row in rows for token in row])
        if numbers is not None:
            rows, _ = without_numbers(rows, numbers, between)
        if len(set(map(len, rows))) < 2 and between in _IN_NAMES:
            continue
        places: dict[str, list[int]] = {}
        for row in rows:
            for place, token in enumerate(row):
                places.setdefault(token, []).append(place)
        again = [found for found in places.values() if len(found) > 1]
        moved = sum(len(set(found)) > 1 for found in again)
        told = sum(map(len, again)) / max(sum(map(len, places.values())), 1)
        short = np.mean([len(token) for token in places] or [0]) <= _LONGEST_NAME
        least = (_AGAIN if sure else _SOME_AGAIN) if numbers is None else 0.0
        if short and len(again) >= 2 and told >= least and moved >= least * len(again):
            return between
    return None


def _between(cells: pd.Series, history: bool, items: bool) -> str | None:
    """What stands between the items of most cells, or None where they hold one each.

    Args:
        history: whether the name of the column says that it holds lists.
        items: whether it says that it holds items.
    """
    if (between := _known_between(cells, history)) is not None:
        return between
    return _mixed_between(cells) if items or history else None


def _known_between(cells: pd.Series, history: bool) -> str | None:
    if cells.dtype == object:
        return None
    filled = pd.Series([c.strip() for c in cells if not is_nothing(c)], dtype="str")
    if len(filled) < 2 or filled.str.contains(_BRACKETED).mean() > _MOST:
        return None
    for between in _BETWEEN:
        if filled.str.contains(between, regex=False).mean() <= (0.3 if history else 0.5):
            continue
        tokens = filled.str.split(between, regex=False).explode().str.strip()
        codes = bool(tokens.str.contains(_CODE).mean() > 0.95)
        if between in (" ", "、") and not codes:
            continue
        again = tokens.nunique() <= 0.7 * len(tokens)
        mixed = filled.nunique() >= 0.7 * len(filled) and tokens.nunique() < filled.nunique() * 3
        mixed = mixed or (codes and len(tokens) >= 3 * len(filled))
        short = tokens.str.len().mean() <= 40
        if short and again and (history or (mixed and (codes or between != ","))):
            return between
        if history and codes:
            return between
    return None


def _is_ragged(cells: pd.Series, between: str) -> bool:
    """Whether cells hold lists of several lengths, of three items and more on average."""
    lengths = [len(row) for row in tokens_of(cells, between)]
    return bool(np.mean(lengths) >= 3) and len(set(lengths)) > 2


def _names_rows(cells: pd.Series, name: str, lists: str, target: str | None) -> bool:
    """Whether a column without a telling name can hold the users: it comes before the lists."""
    if name in (lists, target) or cells.dtype == object or _role(name):
        return False
    return all(not is_nothing(c) for c in cells) and cells.str.len().mean() <= 64


def _counts(cells: pd.Series) -> bool:
    """Whether cells count the rows, one after the other."""
    numbers = parse_numbers(cells)
    return len(numbers) > 1 and bool((np.diff(numbers) == 1).all())


def _comes_after(sample: pd.DataFrame, lists: str, between: str | None, target: str) -> bool:
    """Whether the items of a column stand in the lists of other rows, too."""
    known = {item for row in tokens_of(sample[lists], between) for item in row}
    if not known:
        return False
    targets = {c.strip() for c in sample[target] if not is_nothing(c)}
    return len(targets & known) >= min(0.3 * len(targets), 0.9 * len(known))


def _repeats_rows(
    sample: pd.DataFrame, lists: str, between: str | None, user: str, target: str
) -> bool:
    """Whether lists hold what other rows of the same user say, and so no events of their own."""
    rows = sample.groupby(user)[target].agg(lambda cells: set(cells.str.strip()))
    listed = list(tokens_of(sample[lists], between))
    told = [
        item in rows[who] for who, items in zip(sample[user], listed, strict=True) for item in items
    ]
    return bool(told) and bool(np.mean(told) > 0.95)


def _role(name: str) -> str | None:
    """What a list beside the items says of them, by its name."""
    words = set(words_of(name))
    for canonical, known in ((TITLE, _TITLES), (RATING, _RATINGS), (TIMESTAMP, _TIMES)):
        if words & known:
            return canonical
    return None


def _beside(
    sample: pd.DataFrame,
    names: list[str],
    bracketed: list[str],
    items: str,
    between: str | None,
    target: str | None,
) -> tuple[dict[str, str], dict[str, str]]:
    """Lists that run beside the items, and columns that say the same of the target or the row."""
    lengths = [len(row) for row in tokens_of(sample[items], between)]
    parallel: dict[str, str] = {}
    single: dict[str, str] = {}
    for name in names:
        role = _role(name)
        if name in (items, target) or role is None:
            continue
        listed = bracketed if between is None else names
        if name in listed and role not in parallel:
            others = [len(row) for row in tokens_of(sample[name], between)]
            if np.mean([a == b for a, b in zip(lengths, others, strict=True)]) > 0.95 and (
                name in bracketed or max(lengths, default=0) > 1
            ):
                parallel[role] = name
                continue
        if name not in bracketed:
            single.setdefault(role, name)
    for role in (RATING, TIMESTAMP):  # a surer name than one with such a word in it
        named = [c for c in columns_named(sample, role, "interactions") if c not in bracketed]
        if named and named[0] not in (items, target, *parallel.values()):
            single[role] = named[0]
    return parallel, single


def _is_clicked(cells: pd.Series, between: str | None) -> bool:
    tokens = list(chain.from_iterable(tokens_of(cells, between)))
    return bool(tokens) and all(re.search(r"-[01]$", token) for token in tokens)
