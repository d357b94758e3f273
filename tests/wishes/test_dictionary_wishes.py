"""What is made of the dictionary, with the real one."""

from __future__ import annotations

import pytest

from recsys.wishes.dictionary_wishes import other_wishes, remarks


@pytest.mark.parametrize(
    "wish",
    ["dubbed into Albanian", "made in Antananarivo", "starring Asimov", "under ten euros"],
)
def test_wishes_are_made_of_what_words_are(wish: str) -> None:
    assert wish in other_wishes()


def test_words_that_mostly_mean_something_else_make_none() -> None:
    said = " ".join(other_wishes())
    assert "by Black" not in said and "from Turkey" not in said


def test_remarks_are_about_people_and_their_day() -> None:
    assert "you are kind" in remarks() and len(set(remarks())) > 500
