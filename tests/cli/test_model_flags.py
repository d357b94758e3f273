"""Options of the command line that are settings of models."""

from __future__ import annotations

import sys

import pytest

from recsys.cli.model_flags import Parser, chosen
from recsys.cli.unknown_flags import may_be_a_setting
from recsys.models import MODELS


def test_a_flag_of_an_earlier_version_is_taken_and_not_shown() -> None:
    parser = Parser(prog="train")
    parser.offer_settings_of("prompt-tuned")
    arguments = parser.parse_args(["--general", "sasrec"])
    assert chosen(arguments, ["prompt-tuned"]) == {"prompt-tuned": {"backbone": "sasrec"}}
    assert "--backbone MODEL|RUN" in parser.format_help()
    assert "--general" not in parser.format_help()


@pytest.mark.parametrize("model", MODELS)
def test_every_setting_is_found_without_importing_the_models(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = [setting.flag for setting in MODELS[model].settings("first", "more", "flag")]
    monkeypatch.delitem(sys.modules, "recsys.models")
    assert [flag for flag in [*flags, "--general"] if not may_be_a_setting(flag)] == []
    assert not may_be_a_setting("--epoch")
    assert not may_be_a_setting("-1")
