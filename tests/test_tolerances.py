"""Floats are compared with an absolute tolerance: a sum near zero has no relative precision.

On another processor the order of additions differs, and -2.87425e-05 becomes -2.87406e-05.
"""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parent


def without_atol(source: str) -> list[int]:
    """Lines of calls of `assert_allclose` that name no absolute tolerance."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        call.lineno
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "assert_allclose"
        # `**CLOSE` is a keyword without a name.
        if not {"atol", None} & {keyword.arg for keyword in call.keywords}
    ]


def test_one_without_it_is_found() -> None:
    assert without_atol("np.testing.assert_allclose(a, b, rtol=1e-5)") == [1]
    assert without_atol("np.testing.assert_allclose(a, b, atol=1e-5)") == []
    assert without_atol("np.testing.assert_allclose(a, b, **CLOSE)") == []


def test_every_comparison_has_one() -> None:
    found = {
        str(path.relative_to(TESTS)): lines
        for path in TESTS.rglob("*.py")
        if (lines := without_atol(path.read_text("utf-8")))
    }
    assert not found
