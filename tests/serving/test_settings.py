"""How a service may be started: only for this machine, or with a token."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys.schema import ConfigError
from recsys.serving.settings import ServiceSettings


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("example.org", False),
        ("127.0.0.1.example.org", False),
    ],
)
def test_elsewhere_a_token_is_asked_for(host: str, local: bool) -> None:
    assert ServiceSettings("run", host, token_file="file").is_local == local
    if local:
        assert ServiceSettings("run", host).token() is None
    else:
        with pytest.raises(ConfigError, match="--token-file"):
            ServiceSettings("run", host)


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"port": 0}, "port is 0"), ({"port": 65_536}, "65536"), ({"workers": 17}, "from 1 to 16")],
)
def test_numbers_are_bounded(changed: dict[str, int], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        ServiceSettings("run", **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("held", ["short", "", "two words of a token", "a" * 1001, "é" * 20])
def test_what_is_no_token_is_refused(tmp_path: Path, held: str) -> None:
    file = tmp_path / "token"
    file.write_text(held, "utf-8")
    with pytest.raises(ConfigError, match="The token file"):
        ServiceSettings("run", token_file=str(file)).token()


def test_a_token_is_read_without_its_line_break(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("0123456789abcdef\n")
    assert ServiceSettings("run", token_file=str(file)).token() == "0123456789abcdef"
    with pytest.raises(ConfigError, match="cannot be read"):
        ServiceSettings("run", token_file=str(tmp_path / "none")).token()


def test_an_address_with_colons_is_put_in_brackets() -> None:
    assert ServiceSettings("run", "::1", 80).address == "[::1]:80"
    assert ServiceSettings("run").address == "127.0.0.1:8600"
