"""Values of attributes in the language of the app: a "Western" is a 西部 in Chinese."""

from __future__ import annotations

import re
from functools import lru_cache

from pages._ui.common.i18n import language

_HAN = re.compile("[\u3400-\u9fff]")


def value_words(value: str) -> str:
    """A value as the app's language calls it, where it is a kind that is known; else as it is."""
    return value if language() == "en" else _in_chinese(value)


@lru_cache(maxsize=4096)
def _in_chinese(value: str) -> str:
    # With the models, which a page that shows values of a list has read by now.
    from recsys.wishes.phrases import kinds_of

    found = kinds_of(value)
    if len(found) != 1:
        return value
    return next((name for name in found[0].names if _HAN.search(name)), value)
