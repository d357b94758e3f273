"""Which unknown options may be settings of models, found without importing the models.

To import them takes seconds, for torch, and a mistyped option is to be refused at once. A setting
is an annotated field of a class, four spaces in, and may name its own flag: the text of the
models' files shows whether an option can be one.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path

from recsys.storage.former_names import SETTINGS

_MODELS = Path(__file__).parents[1] / "models"
_DECLARED = re.compile(r"^    (\w+): |\bflag=\"(--[\w-]+)\"", re.MULTILINE)


def may_be_a_setting(option: str) -> bool:
    """Whether a model may have the setting that an option such as `--dimension=64` names.

    True for all where the models are imported already: they can be asked.
    """
    if "recsys.models" in sys.modules:
        return True
    return option.partition("=")[0] in _declared()


@cache
def _declared() -> frozenset[str]:
    """The flags of all fields in the files of models; some are of classes that are no configs."""
    names = [*SETTINGS]
    flags = []
    for file in sorted(_MODELS.rglob("*.py")):
        for name, flag in _DECLARED.findall(file.read_text("utf-8")):
            names.append(name)
            flags.append(flag)
    return frozenset([*flags, *(f"--{name.replace('_', '-')}" for name in names)])
