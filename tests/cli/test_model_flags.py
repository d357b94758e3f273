"""Options of the command line that are settings of models."""

from __future__ import annotations

from recsys.cli.model_flags import Parser, chosen


def test_a_flag_of_an_earlier_version_is_taken_and_not_shown() -> None:
    parser = Parser(prog="train")
    parser.offer_settings_of("prompt-tuned")
    arguments = parser.parse_args(["--general", "sasrec"])
    assert chosen(arguments, ["prompt-tuned"]) == {"prompt-tuned": {"backbone": "sasrec"}}
    assert "--backbone MODEL|RUN" in parser.format_help()
    assert "--general" not in parser.format_help()
