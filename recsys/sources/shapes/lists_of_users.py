"""Rows of an item with a list of its users: a course and its students, a book and its readers."""

from __future__ import annotations

import re

import pandas as pd

from recsys.schema import ITEM_ID, TIMESTAMP, TITLE, USER_ID
from recsys.sources.columns.choosing import columns_named, guesses
from recsys.sources.columns.contents import Content
from recsys.sources.columns.names import WORD, strength, words_of
from recsys.sources.shapes.between import SAMPLE_ROWS, mixed_between
from recsys.sources.shapes.brackets import is_bracketed
from recsys.sources.shapes.exploding import Lists

#: Words in the names of columns that hold several people, without accents.
_PEOPLE = frozenset(
    """users students attendees participants members readers customers buyers learners pupils
    listeners viewers players subscribers employees guests visitors borrowers voters fans followers
    enrolled registrants watchers reviewers usuarios alumnos estudiantes
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


def lists_of_users(sample: pd.DataFrame, names: list[str]) -> Lists | None:
    """What is what, where a row is an item, with a list of those who took, read or joined it."""
    listed = [c for c in names if _says_people(c)]
    others = [c for c in names if c not in listed]
    if not listed and not any(strength(c, USER_ID)[0] >= WORD for c in names):
        listed = [c for c in names if _are_addresses(sample[c])]
        others = [c for c in names if c not in listed]
    if len(listed) != 1 or any(strength(c, USER_ID)[0] >= WORD for c in others):
        return None
    people = sample[listed[0]]
    between = None if is_bracketed(people) else mixed_between(people)
    if between is None and not is_bracketed(people):
        return None
    free = [c for c in others if sample[c].dtype != object and not is_bracketed(sample[c])]
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
    return not _PEOPLE.isdisjoint(words_of(name))


def _are_addresses(cells: pd.Series) -> bool:
    """Whether cells hold several addresses of mail each."""
    text = " ".join(map(str, cells.head(SAMPLE_ROWS // 10)))
    found = re.findall(r"[^\s@,;|'\"\[\]]+@[^\s@,;|'\"\[\]]+\.\w+", text)
    return len(found) > 1.5 * min(len(cells), SAMPLE_ROWS // 10)
