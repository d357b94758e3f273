"""A name that stands only in the first row of its block is filled down, and said so."""

from __future__ import annotations

from tests.sources.shapes.test_shapes import events, read


def test_users_are_filled_down() -> None:
    table = read("user,item,rating\nann,a,5\n,b,4\n,c,3\nbob,a,1\n,c,2\n")
    assert [u for u, _, _ in events(table)] == ["ann", "ann", "ann", "bob", "bob"]
    note = table.notes[-1]
    assert note.grave
    assert "3 rows" in str(note)


def test_a_date_that_is_merged_with_the_user_is_filled_too() -> None:
    table = read("user,date,item\nann,2024-01-01,a\n,,b\nbob,2024-01-02,a\n,,c\n,,b\n")
    assert [t for _, t, _ in events(table)] == ["2024-01-01"] * 2 + ["2024-01-02"] * 3


def test_items_are_filled_down() -> None:
    table = read("item,user,rating\na,ann,5\n,bob,4\n,cyd,3\nb,ann,1\n,cyd,2\n")
    assert [i for i, _, _ in events(table)] == ["a", "a", "a", "b", "b"]


def test_customers_who_are_sometimes_unknown_are_not() -> None:
    table = read("customer,item,date\nann,a,1\n,b,2\nbob,c,3\nann,b,4\n,c,5\n,a,6\nbob,a,7\n")
    assert [c for c, _, _ in events(table)].count("") == 3


def test_rows_that_lack_everything_are_not_filled() -> None:
    table = read("user,item,note\nann,a,x\n,,y\n,,z\nbob,b,w\n,,v\n")
    assert [u for u, _, _ in events(table)] == ["ann", "", "", "bob", ""]


ORDERS = (
    "Name,Email,Paid at,Total,Lineitem quantity,Lineitem name,Currency\n"
    "#12,ann@x.org,2024-03-05 10:00,50,1,Paper Lantern,EUR\n"
    "#12,,,,1,Quiet Garden,EUR\n"
    "#11,bob@x.org,2024-03-04 10:00,20,2,Silver Harbour,EUR\n"
    "#10,ann@x.org,2024-03-03 10:00,70,1,Quiet Garden,EUR\n"
    "#10,,,,1,Silver Harbour,EUR\n"
    "#10,,,,2,Amber Orchard,EUR\n"
    "#9,,2024-03-02 10:00,70,1,Quiet Garden,EUR\n"
    "#9,,,,1,Amber Orchard,EUR\n"
)


def test_lines_of_an_order_are_its_buyers() -> None:
    table = read(ORDERS)
    assert [u[:3] for (u,) in events(table, "Email")] == ["ann"] * 2 + ["bob"] + ["ann"] * 3 + [
        ""
    ] * 2
    times = [t[8:10] for (t,) in events(table, "Paid at")]
    assert times == ["05", "05", "04", "03", "03", "03", "02", "02"]
    assert [t for (t,) in events(table, "Total")].count("") == 4  # a sum is of one row
    first, second = table.notes[-2:]
    assert first.grave
    assert "Email stands only in the first row of each Name; 3 rows" in str(first)
    assert "Paid at" in str(second)


def test_a_buyer_who_is_unknown_is_not_the_one_of_the_order_before() -> None:
    rows = (
        "order,customer,item,city\n1,ann,a,Rome\n1,ann,b,Rome\n2,,c,Rome\n2,,a,Rome\n3,bob,b,Rome\n"
    )
    assert [c for (c,) in events(read(rows), "customer")] == ["ann", "ann", "", "", "bob"]


def test_a_city_or_a_day_that_customers_share_says_not_who_they_are() -> None:
    rows = ["day,city,customer,item"]
    for n in range(24):
        rows.append(
            f"2024-01-{n // 6 + 1:02},C{n // 6},{'' if n % 3 == 1 else f'u{n % 5}'},i{n % 4}"
        )
    table = read("\n".join(rows) + "\n")
    assert [c for (c,) in events(table, "customer")].count("") == 8


def test_blocks_of_buyers_who_come_again_are_found_by_the_number_of_the_order() -> None:
    rows = "order,customer,date,item\n1,ann,2024-01-01,a\n,,,b\n2,bob,2024-01-02,c\n,,,a\n"
    table = read(rows + "3,ann,2024-01-03,c\n,,,d\n")
    found = events(table, "customer", "date")
    assert [c for c, _ in found] == ["ann", "ann", "bob", "bob", "ann", "ann"]
    assert [d[-1] for _, d in found] == list("112233")
