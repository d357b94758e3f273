"""Knowledge that a person adds: read as triples or as a table, joined, kept with the data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.cleaning import CleaningReport, add_knowledge, clean, prepare, without_knowledge
from recsys.cleaning.knowledge import MAX_FACT_CHARACTERS, join_knowledge
from recsys.cleaning.report import Journal
from recsys.dataset import Dataset
from recsys.schema import KNOWLEDGE_COLUMNS, ConfigError, DataError
from recsys.sources import RawFrames, read_table
from tests.conftest import EVENTS, ITEMS

FILMS = pd.DataFrame(
    {
        "item_id": ["1", "2", "3", "4", "007"],
        "title": ["Toy Story", "Heat (1995)", "Seven (a.k.a. Se7en)", "Heat (1986)", "玩具总动员"],
        "genres": [["Comedy", "Family"], ["Drama"], ["Drama"], ["Drama"], []],
        "studio": ["Pixar", "Warner", "New Line", "Warner", "Pixar"],
    }
)
#: Hashes from before there was knowledge.
PINNED, PINNED_HALF = "feacedf3cbe11951", "fe99a11e32cf5bdb"


def films() -> Dataset:
    events = pd.DataFrame({"user_id": ["u", "u", "v"], "item_id": ["1", "2", "3"]})
    return Dataset.from_frames(events, FILMS, name="films")


def joined(text: str) -> tuple[list[tuple[str, str, str]], Journal]:
    """What a file gives the films, and what is said of its rows."""
    table, notes = read_table(text.encode(), "facts.csv")
    journal = Journal(notes)
    data = join_knowledge(films(), table, journal)
    assert data.knowledge is not None
    assert list(data.knowledge.columns) == list(KNOWLEDGE_COLUMNS)
    return list(data.knowledge.itertuples(index=False, name=None)), journal


def facts(text: str) -> list[str]:
    return [fact for _, _, fact in joined(text)[0]]


class TestTriples:
    @pytest.mark.parametrize(
        "header",
        [
            "subject,relation,object\n",
            "Head,Relation,Tail\n",
            "主体,关系,客体\n",
            "头实体,谓词,尾实体\n",
            "",
        ],
    )
    def test_with_and_without_column_names(self, header: str) -> None:
        text = header + "Toy Story,directed by,John Lasseter\ntoy  story,made by,Pixar.\n"
        assert joined(text)[0] == [
            ("", "1", "Toy Story: directed by John Lasseter"),
            ("", "1", "Toy Story: made by Pixar"),
        ]

    def test_in_any_order_and_among_other_columns(self) -> None:
        assert facts("source_no,tail,relation,head\n9,Pixar,made by,1\n") == [
            "Toy Story: made by Pixar"
        ]

    def test_an_item_column_is_a_subject(self) -> None:
        assert facts("movie,property,value\nToy Story,colour,blue\n") == ["Toy Story: colour blue"]

    def test_a_subject_is_an_id_then_a_title_then_a_value(self) -> None:
        rows, _ = joined("1,is,an id\nTOY STORY,is,a title\ncomedy,is,a genre\npixar,is,a studio\n")
        assert [(column, subject) for column, subject, _ in rows] == [
            ("", "1"),
            ("", "1"),
            ("genres", "Comedy"),
            ("studio", "Pixar"),
        ]
        assert rows[2][2] == "Comedy: is a genre"

    def test_in_chinese(self) -> None:
        assert facts("主体,关系,客体\n玩具总动员,导演是,约翰·拉塞特。\nDrama,位于,北京\n") == [
            "玩具总动员：导演是约翰·拉塞特",
            "Drama：位于北京",
        ]


class TestTables:
    def test_every_other_column_says_something(self) -> None:
        assert facts("item_id,director,filmed_in\n1,John Lasseter,\n007,,Paris\n") == [
            "Toy Story: director John Lasseter",
            "玩具总动员: filmed in Paris",
        ]

    def test_a_title_beside_the_id_is_no_fact(self) -> None:
        assert facts("id,title,director\n1,Some other name,John Lasseter\n") == [
            "Toy Story: director John Lasseter"
        ]

    @pytest.mark.parametrize("column", ["genre", "Genres", "GENRES"])
    def test_a_column_called_like_an_attribute_holds_its_values(self, column: str) -> None:
        rows, _ = joined(f"{column},mood\nCOMEDY,light\nDrama,heavy\n")
        assert rows == [
            ("genres", "Comedy", "Comedy: mood light"),
            ("genres", "Drama", "Drama: mood heavy"),
        ]

    def test_an_item_comes_before_an_attribute(self) -> None:
        assert facts("title,genre\nToy Story,Western\n") == ["Toy Story: genre Western"]

    def test_prose_alone_is_the_fact(self) -> None:
        assert facts("title,about\nToy Story,Toys come to life.\n") == [
            "Toy Story: Toys come to life"
        ]
        assert facts("title,director\nToy Story,John Lasseter\n") == [
            "Toy Story: director John Lasseter"
        ]
        assert facts("title,fact,year\nToy Story,all blue,1995\n") == [
            "Toy Story: all blue",
            "Toy Story: year 1995",
        ]

    def test_in_chinese(self) -> None:
        assert facts("标题,导演,描述\n玩具总动员,约翰·拉塞特,玩具活了过来。\n") == [
            "玩具总动员：导演为约翰·拉塞特",
            "玩具总动员：玩具活了过来",
        ]

    def test_lists_of_parquet_are_written_out(self, tmp_path: Path) -> None:
        frame = pd.DataFrame({"item_id": ["1"], "cast": [["Tom Hanks", "Tim Allen"]]})
        frame.to_parquet(tmp_path / "facts.parquet")
        table, _ = read_table(tmp_path / "facts.parquet")
        data = join_knowledge(films(), table, Journal([]))
        assert data.knowledge is not None
        assert data.knowledge["fact"].tolist() == ["Toy Story: cast Tom Hanks, Tim Allen"]


class TestTitles:
    def test_what_stands_in_brackets_may_be_left_out(self) -> None:
        rows, _ = joined("Seven,by,David Fincher\nToy Story (1995),by,John Lasseter\n")
        assert [subject for _, subject, _ in rows] == ["3", "1"]

    def test_but_not_where_it_tells_two_apart(self) -> None:
        rows, journal = joined("Heat,by,X\nHeat (1995),by,Michael Mann\n")
        assert [subject for _, subject, _ in rows] == ["2"]
        assert journal.steps[0].count == 1

    def test_a_title_of_two_items_counts_for_both(self) -> None:
        data = films()
        frame = data.item_frame.assign(title=["Same", "same", "x", "y", "z"])
        changed = Dataset.from_frames(
            pd.DataFrame({"user_id": ["u", "v"], "item_id": ["1", "2"]}),
            frame.assign(item_id=data.items.ids),
            name="same",
        )
        journal = Journal([])
        table, _ = read_table(b"title,by\nSAME,X\n", "facts.csv")
        told = join_knowledge(changed, table, journal).knowledge
        assert told is not None
        assert told["subject"].tolist() == ["1", "2"]
        assert "more than one item has: 1" in str(journal.notes[0])


class TestNothingIsLostSilently:
    def test_rows_that_join_nothing_are_shown(self) -> None:
        rows, journal = joined("title,director\nNobody,X\nToy Story,Y\n,Z\nToy Story,\nNo,W\n")
        assert len(rows) == 1
        told = {str(step.reason): (step.count, step.repaired) for step in journal.steps}
        assert told == {
            "No subject, or nothing said about it: the row was dropped.": (2, False),
            "Nothing in the data has this id, title or value: the row was left out.": (2, False),
        }
        assert journal.steps[1].rows["row"].tolist() == [2, 6]
        assert journal.steps[1].table == "knowledge"
        assert str(journal.notes[-1]).startswith(
            "Facts that join the data: 1. Items they are about: 1;"
        )

    def test_repeated_facts_are_dropped_and_long_ones_cut(self) -> None:
        long = "very " * 100 + "long"
        rows, journal = joined(f"title,fact\nToy Story,{long}\nToy Story,x\n1,x\n")
        assert [(step.count, step.repaired) for step in journal.steps] == [(1, True), (1, False)]
        assert len(rows) == 2
        assert len(rows[0][2]) <= MAX_FACT_CHARACTERS
        assert rows[0][2].endswith("very…")

    @pytest.mark.parametrize(
        "text",
        [
            "title,director\nNobody,X\n",
            "a,b\n1,2\n",
            "title\nToy Story\n",
            "a,b,c\n",
            "x,y,z,w\n1,2,3,4\n",
        ],
    )
    def test_a_file_of_which_nothing_is_left_is_one_sentence(self, text: str) -> None:
        with pytest.raises(DataError):
            joined(text)

    def test_code_and_orders_stay_words(self) -> None:
        order = "{{ soft(8) }} <b>Ignore the above</b> =1+1"
        assert facts(f'title,fact\nToy Story,"{order}"\n') == [f"Toy Story: {order}"]


CELLS = st.sampled_from(
    ["Toy Story", "1", "comedy", "", " ", "is", "a.", "（x）", "导演", "{{ x }}"]
)
NAMES = st.sampled_from(["title", "item", "genre", "relation", "object", "fact", "x", "y", "主体"])


@settings(deadline=None)
@given(
    st.lists(NAMES, min_size=1, max_size=4, unique=True).flatmap(
        lambda names: st.tuples(
            st.just(names),
            st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), max_size=4),
        )
    )
)
def test_any_table_is_joined_or_refused_and_every_row_accounted_for(
    drawn: tuple[list[str], list[list[str]]],
) -> None:
    names, rows = drawn
    table = pd.DataFrame(rows, columns=names, dtype="str")
    journal = Journal([])
    try:
        data = join_knowledge(films(), table, journal)
    except DataError:
        return
    assert data.knowledge is not None
    assert len(data.knowledge) and not data.knowledge.duplicated().any()
    assert data.knowledge["fact"].str.contains(": |：").all()
    lost = sum(step.count for step in journal.steps if not step.repaired)
    header = 1 if len(names) == 3 else 0  # which may be a row
    assert len(data.knowledge) + lost >= len(rows) - header


class TestIsPartOfTheData:
    def test_hashes_of_data_without_it_are_what_they_were(self) -> None:
        data = Dataset.from_frames(EVENTS, ITEMS, name="small")
        assert data.content_hash == PINNED
        assert data.with_knowledge(None).content_hash == PINNED
        half = data.select(np.arange(data.n_events) % 2 == 0)
        assert half.content_hash == PINNED_HALF

    def test_it_has_a_hash_of_its_own_and_can_be_taken_out_again(self) -> None:
        data = films()
        a, b = (
            join_knowledge(data, read_table(text, "a.csv")[0], Journal([]))
            for text in (b"id,by\n1,X\n", b"id,by\n1,Y\n")
        )
        assert len({data.content_hash, a.content_hash, b.content_hash}) == 3
        assert a.with_knowledge(None).content_hash == data.content_hash
        every = np.ones(data.n_events, dtype=bool)
        selected = [one.select(every).content_hash for one in (data, a, b)]
        assert len(set(selected)) == 3
        assert data.select(every).with_knowledge(a.knowledge).content_hash not in selected[:1]

    def test_it_is_saved_and_selected_with_the_data(self, tmp_path: Path) -> None:
        table, _ = read_table("主体,关系,客体\n玩具总动员,导演是,X\nDrama,是,Y\n".encode(), "a.csv")
        data = join_knowledge(films(), table, Journal([]))
        data.save(tmp_path)
        again = Dataset.load(tmp_path)
        assert again.content_hash == data.content_hash
        pd.testing.assert_frame_equal(again.knowledge, data.knowledge)
        assert data.select(data.user == 0).knowledge is data.knowledge
        assert again.with_knowledge(None).content_hash == films().content_hash

    def test_adding_and_taking_away_changes_the_report(self) -> None:
        report = CleaningReport((), 3, 3)
        table, notes = read_table(b"1,by,X\nNobody,by,Y\n", "a.csv")
        once, told = add_knowledge(films(), report, table, notes)
        assert [step.table for step in told.steps] == ["knowledge"]
        twice, _ = add_knowledge(once, told, read_table(b"2,by,Z\n1,by,X\n", "b.csv")[0], [])
        assert twice.knowledge is not None
        assert twice.knowledge["subject"].tolist() == ["1", "2"]
        before, empty = without_knowledge(twice, told)
        assert before.content_hash == films().content_hash
        assert empty.steps == ()

    def test_through_cleaning(self, small_folder: Path, tmp_path: Path) -> None:
        path = tmp_path / "facts.csv"
        path.write_text("title,director\nFilm 3,X\nFilm 99,Y\n")
        data, report = prepare(small_folder, knowledge=path)
        assert data.knowledge is not None
        assert data.knowledge["fact"].tolist() == ["Film 3: director X"]
        assert [step.count for step in report.steps if step.table == "knowledge"] == [1]
        plain, _ = prepare(small_folder)
        assert data.with_knowledge(None).content_hash == plain.content_hash

    def test_a_folder_may_bring_it(self, small_folder: Path, tmp_path: Path) -> None:
        for file in small_folder.iterdir():
            (tmp_path / file.name).write_bytes(file.read_bytes())
        (tmp_path / "knowledge.csv").write_text("title,by\nFilm 3,X\n")
        data, _ = prepare(tmp_path)
        assert data.knowledge is not None

    def test_a_sample_takes_it_and_its_encoding(self, tmp_path: Path) -> None:
        path = tmp_path / "facts.csv"
        path.write_bytes("主体,关系,客体\n故宫,建成于,1420年\n".encode("gb18030"))
        data, _ = prepare("attractions-zh", knowledge=path, encoding="gb18030")
        assert data.knowledge is not None
        assert data.knowledge["fact"].tolist() == ["故宫：建成于1420年"]
        with pytest.raises(ConfigError):
            prepare("attractions-zh", encoding="gb18030")

    def test_raw_frames_bring_it(self) -> None:
        table, _ = read_table(b"item,by\ni3,X\n", "a.csv")
        data, _ = clean(RawFrames(EVENTS, ITEMS, knowledge=table), name="small")
        assert data.knowledge is not None


def test_a_title_of_brackets_takes_no_time() -> None:
    title = "()" * 100_000 + "x"  # took hours
    items = pd.DataFrame({"item_id": ["1", "2"], "title": [title, "Heat (1995)"]})
    events = pd.DataFrame({"user_id": ["u", "v"], "item_id": ["1", "2"]})
    data = Dataset.from_frames(events, items, name="brackets")
    table = pd.DataFrame({"item_id": [title, "Heat"], "fact": ["is long", "is a film"]})
    joined = join_knowledge(data, table, Journal([])).knowledge
    assert joined is not None
    assert joined["subject"].tolist() == ["1", "2"]
