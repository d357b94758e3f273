"""The name by which the program was called, and what it says of mistakes."""

from __future__ import annotations

import sys
from pathlib import Path


def program() -> str:
    """`promptrec` where that was called, else `recsys`, as in `python -m recsys`."""
    return "promptrec" if Path(sys.argv[0]).stem == "promptrec" else "recsys"


def complain(message: object) -> None:
    """Say on standard error, in one line, what is wrong."""
    from recsys.cli.progress import printable  # brings pandas, which --help does without

    print(f"{program()}: {printable(str(message))}", file=sys.stderr)
