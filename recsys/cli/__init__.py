"""The command line: `python -m recsys …`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from recsys import __version__
from recsys.benchmark.suites import PARTS, SUITES
from recsys.cli.exit_status import INTERRUPTED, MISTAKE
from recsys.cli.model_flags import Parser
from recsys.cli.program import complain, program
from recsys.defaults import DEFAULT_MODEL, TUNED_MODEL
from recsys.schema import RecsysError
from recsys.serving.settings import DEFAULT_HOST, DEFAULT_PORT


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # not where a test captures it
            stream.reconfigure(errors="backslashreplace")
    # Threads that wait for one another must not keep a core from the app, which is on it too.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is imported
    parser = _parser()
    arguments, further = parser.parse_known_args(argv)
    if arguments.command == "app":
        arguments.options = further
    elif further:
        parser.error(f"unrecognized arguments: {' '.join(further)}")
    # Imported only now, so that --help answers at once.
    from recsys.cli import commands
    from recsys.storage.disk import FULL, is_full

    try:
        status: int = getattr(commands, arguments.command)(arguments)
        sys.stdout.flush()
        return status
    except RecsysError as error:
        complain(error)
        return MISTAKE
    except KeyboardInterrupt:
        complain("interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`| head`); Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if is_full(error):
            complain(FULL)
            return MISTAKE
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}{error.strerror or error}.")
        return MISTAKE


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog=program(),
        description="Recommenders that read prompts.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=Parser
    )

    def command(name: str, text: str) -> Parser:
        return commands.add_parser(name, help=text, description=text, allow_abbrev=False)

    app = command("app", "Start the app, PromptRec Studio, in the browser.")
    app.usage = "%(prog)s [FILE.promptrec] [OPTION …]"
    app.epilog = (
        "FILE is a capsule to begin with. Every option is one of `streamlit run`, such as "
        "--server.port=8502."
    )
    command("datasets", "List the sample data.")
    train = command("train", "Train a model; prints the run directory as its last line.")
    _add_train(train)
    train.offer_settings_of("*")

    evaluate = command("evaluate", "Show the results of a run beside its baselines.")
    _add_run(evaluate)
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")

    recommend = command("recommend", "Recommend items to users of a run's data.")
    _add_run(recommend)
    who = recommend.add_mutually_exclusive_group(required=True)
    who.add_argument("--user", nargs="+", action="extend", metavar="ID", help="user ids")
    who.add_argument("--all-users", action="store_true", help="everyone in the data")
    recommend.add_argument("-k", type=_positive, default=10, help="items a user (default 10)")
    recommend.add_argument("--intent", default="", metavar="TEXT", help="a wish in plain words")
    recommend.add_argument(
        "--wish-strength",
        type=float,
        default=1.0,
        metavar="X",
        help="how much the wish counts, from 0, nothing, to 1, a rule (default 1)",
    )
    recommend.add_argument(
        "--correct",
        nargs="+",
        action="extend",
        default=[],
        metavar="PART=MARK",
        help="a value, years (1990-1999) or a title of the wish: must, want, taste, avoid, removed",
    )
    recommend.add_argument("--prompt", metavar="NAME|FILE", help="another prompt than trained with")
    recommend.add_argument(
        "--json", action="store_true", help="print a JSON object a line, one a user"
    )

    ask = command("ask", "Answer a question of a user, with items and the reasons for them.")
    _add_run(ask)
    ask.add_argument("--user", required=True, metavar="ID", help="who asks")
    ask.add_argument("question", help="in plain words, in quotes")
    ask.add_argument("-k", type=_positive, default=4, help="items named (default %(default)s)")
    ask.add_argument("--json", action="store_true", help="print one JSON object")

    capsule = command(
        "capsule", "Put a run with its data and prompts into one file, or open such a file."
    )
    capsule.add_argument("run", metavar="RUN", help="a run, or a capsule to open as a run")
    capsule.add_argument("file", nargs="?", metavar="FILE", type=Path, help="NAME.promptrec")
    capsule.add_argument(
        "--without-data",
        action="store_true",
        help="leave the data out; whoever opens it needs to have the same",
    )

    _add_serve(command("serve", "Answer requests over HTTP with the model of a run."))
    _add_prompts(command("prompts", "Look at prompts, compare them, measure them."))
    _add_data_actions(command("data", "List the data that is kept, and delete it for good."))
    _add_benchmark(command("benchmark", "Measure models under the same conditions."))
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run directory, or the name of a run")


def _add_serve(serve: argparse.ArgumentParser) -> None:
    _add_run(serve)
    serve.add_argument("--host", default=DEFAULT_HOST, help="where to listen (%(default)s)")
    serve.add_argument(
        "--port", type=_positive, default=DEFAULT_PORT, metavar="N", help="default: %(default)s"
    )
    serve.add_argument(
        "--workers", type=_positive, default=1, metavar="W", help="processes (default %(default)s)"
    )
    serve.add_argument(
        "--token-file", metavar="FILE", help="requests have to bring the token in it"
    )
    # How the app starts a service that it has made.
    serve.add_argument("--into", type=Path, help=argparse.SUPPRESS)


def _add_data(parser: argparse.ArgumentParser) -> None:
    data = parser.add_argument_group("data")
    data.add_argument(
        "--data", metavar="NAME|FILE|FOLDER", help="a sample or your own interactions"
    )
    data.add_argument("--items", type=Path, metavar="FILE", help="titles and attributes of items")
    data.add_argument("--users", type=Path, metavar="FILE", help="attributes of users")
    data.add_argument(
        "--knowledge", type=Path, metavar="FILE", help="facts about items, for prompts to tell"
    )
    data.add_argument("--encoding", metavar="E", help="of the text files (default: found out)")
    for option in ("--read", "--item-read", "--user-read"):
        data.add_argument(option, metavar="HOW", help="separator=;,header=no,skip=2 …")
    for option, example in (
        ("--columns", "user_id=u,item_id=m"),
        ("--item-columns", "item_id=id,title=name"),
        ("--user-columns", "user_id=id"),
    ):
        data.add_argument(option, metavar="MAP", help=f"which column is which: {example}")


def _add_train(parser: argparse.ArgumentParser) -> None:
    _add_data(parser)
    training = parser.add_argument_group("training")
    training.add_argument("--model", default=DEFAULT_MODEL, help="default: %(default)s")
    training.add_argument("--prompt", metavar="NAME|FILE", help="a prompt of the library or a file")
    training.add_argument(
        "--language-model",
        metavar="NAME|FOLDER",
        help="minilm, use, smollm2, gemma3, a folder, or a Hugging Face id (default: one "
        "that reads the language of the data)",
    )
    training.add_argument(
        "--final",
        metavar="RUN",
        help="fit the settings of a run that was evaluated on all its events: train, validation "
        "and test; takes no other setting but --device, --runs and --name",
    )
    training.add_argument("--epochs", type=_positive, metavar="N", help="at most so many")
    training.add_argument("--minutes", type=float, metavar="M", help="at most so long")
    training.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    training.add_argument(
        "--device",
        default="auto",
        metavar="NAME",
        help="auto, cpu or cuda (default: auto, a GPU where there is one)",
    )
    training.add_argument(
        "--protocol",
        metavar="NAME",
        help="leave-last-out, random or global-time (default: leave-last-out; random where there "
        "are no times and items ascend by their ids)",
    )
    training.add_argument(
        "--runs", type=Path, metavar="DIR", help="default: $RECSYS_RUNS, else ./runs"
    )
    training.add_argument("--name", help="of the run (default: model, data and time)")
    # How the app starts the work of a run that it has made.
    training.add_argument("--into", type=Path, help=argparse.SUPPRESS)


def _add_prompts(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="ACTION", parser_class=Parser
    )

    def action(name: str, text: str, *aliases: str) -> Parser:
        added = actions.add_parser(
            name, aliases=aliases, help=text, description=text, allow_abbrev=False
        )
        added.add_argument("--json", action="store_true", help="print JSON")
        return added

    listed = action("list", "List the prompts that were saved, and those of the library.")
    listed.add_argument(
        "--search",
        nargs="+",
        metavar="WORD",
        help="versions that have all the words in name, note or text",
    )

    def takes(added: argparse.ArgumentParser, *names: str) -> argparse.ArgumentParser:
        for name in names:
            added.add_argument(name, metavar="PROMPT", help="a prompt of the library or a file")
        return added

    takes(action("show", "Print a prompt."), "prompt")
    lint = takes(action("lint", "Say what is wrong with a prompt, or could be better."), "prompt")
    lint.add_argument("--run", metavar="RUN", help="check it for the data of a run, too")
    takes(action("diff", "Show what one prompt changes of another."), "prompt", "other")
    ablate = action(
        "ablate", "Measure a prompt without each of its parts, on a run's test users.", "blame"
    )
    _add_run(ablate)
    ablate.add_argument("--prompt", required=True, metavar="A", help="by name, or a file")
    discretise = action(
        "discretise", "Put words for the trained vectors of a run's prompt; say the cost.", "harden"
    )
    _add_run(discretise)
    discretise.add_argument("--save", metavar="NAME", help="keep the prompt in words")
    tune = action("tune", "Train only the prompt, on the frozen backbone of a run.")
    tune.add_argument("run", nargs="?", metavar="RUN", help="a run directory, or its name")
    tune.add_argument("--prompt", metavar="A", help="by name, or a file")
    tune.add_argument("--language-model", metavar="NAME|FOLDER", help="default: minilm")
    tune.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    tune.add_argument("--name", help="of the new run (default: model, data and time)")
    tune.add_argument("--save", metavar="NAME", help="keep the prompt, with its gain")
    # How the app starts the work of a run that it has made.
    tune.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    tune.offer_settings_of(TUNED_MODEL, but=["backbone"])  # which is that of RUN
    _add_search(action("search", "Look for a better prompt; what was measured is not lost."))
    grid = action("grid", "Train prompts × models × language models, each beside controls.")
    _add_grid(grid)
    grid.offer_settings_of("*")
    score = action("score", "Measure a prompt on the test users of a run, beside another one.")
    _add_run(score)
    score.add_argument("--prompt", required=True, metavar="A", help="by name, or a file")
    score.add_argument("--against", metavar="B", help="default: the one that was trained")


def _add_search(search: argparse.ArgumentParser) -> None:
    search.add_argument("run", nargs="?", metavar="RUN", help="a run directory, or its name")
    search.add_argument("--prompt", metavar="A", help="the one to begin with")
    search.add_argument(
        "--budget",
        type=_positive,
        default=20_000,
        metavar="LISTS",
        help="lists to make, one for a prompt and a user (default %(default)s)",
    )
    search.add_argument("--target", type=float, metavar="NDCG", help="stop once this is reached")
    search.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    search.add_argument(
        "--reading",
        choices=("words", "whole"),
        default="whole",
        help="score what the words say alone, or on top of the history (default: %(default)s)",
    )
    search.add_argument("--save", metavar="NAME", help="keep the winner under this name")
    # How the app starts the work of a search that it has made.
    search.add_argument("--into", type=Path, help=argparse.SUPPRESS)


def _add_grid(grid: argparse.ArgumentParser) -> None:
    _add_data(grid)
    runs = grid.add_argument_group(
        "runs", "Asked for again, what is there is taken over and only what is missing trained."
    )
    runs.add_argument("--prompts", type=_names, default=(), metavar="A,B,…", help="names or files")
    runs.add_argument("--models", type=_names, default=(), metavar="A,B,…")
    runs.add_argument(
        "--language-models",
        type=_names,
        default=("minilm",),
        metavar="A,B,…",
        help="default: minilm",
    )
    runs.add_argument("--minutes", type=float, metavar="M", help="of training, a run, at most")
    runs.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    runs.add_argument("--runs", type=Path, metavar="DIR", help="default: $RECSYS_RUNS, else ./runs")
    # How the app starts the work of a grid that it has made.
    runs.add_argument("--into", type=Path, help=argparse.SUPPRESS)


def _add_data_actions(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="ACTION", parser_class=Parser
    )

    def action(name: str, text: str, *aliases: str) -> argparse.ArgumentParser:
        added = actions.add_parser(
            name, aliases=aliases, help=text, description=text, allow_abbrev=False
        )
        added.add_argument("--runs", type=Path, metavar="DIR", help="default: $RECSYS_RUNS")
        added.add_argument("--json", action="store_true", help="print JSON")
        return added

    action("list", "List the data that people brought, with what was made of it.")
    delete = action("delete", "Delete data with its runs, grids and vectors; there is no undo.")
    delete.add_argument("hash", metavar="HASH", help="as `data list` prints it")
    delete.add_argument("--yes", action="store_true", help="without it, say what would go")
    action("sweep", "Delete what is older than its limit, as the app does when it starts.")


def _add_benchmark(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(
        [
            "suites and the models that they compare by default:",
            *(f"  {name}: {', '.join(suite.models)}" for name, suite in SUITES.items()),
        ]
    )
    parser.add_argument("suite", metavar="SUITE", help="one of those below")
    parser.add_argument("--models", metavar="A,B,…", help="default: those of the suite, below")
    parser.add_argument(
        "--seeds", type=_positive, metavar="N", help="trainings a model (default 3; 1 for latency)"
    )
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="where the data of movielens-1m or wishes is"
    )
    parser.add_argument(
        "--part", choices=PARTS, help="of what wishes measures: dev (the default), or test"
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print a JSON object a line")
    output.add_argument(
        "--markdown", action="store_true", help="measure nothing: print what was saved as a table"
    )
    parser.add_argument(
        "--save", action="store_true", help="keep the results for the page Benchmark of the app"
    )


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))


_positive.__name__ = "whole number"  # argparse names the type in its message
