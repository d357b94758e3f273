"""From the options of `train` to a run that is ready to be executed."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys.cli.model_flags import chosen, given
from recsys.cli.progress import ProgressLines, printable
from recsys.dataset import Dataset
from recsys.defaults import DEFAULT_MODEL
from recsys.lab.version import Version
from recsys.lab.version_store import PromptStore
from recsys.language_models import cannot_read
from recsys.prompts import LIBRARY, Template, Verbaliser, load_template, template_source, usable
from recsys.runs import (
    Run,
    check_language_model,
    check_name,
    check_settings,
    create_run,
    finding,
    how_it_ended,
    runs_folder,
)
from recsys.runs.final import create_final
from recsys.schema import N_, ConfigError

if TYPE_CHECKING:
    from recsys.sources import CleaningConfig

#: Options that `--final` takes from the run.
_SETTINGS = ("data", "prompt", "language_model", "epochs", "minutes", "protocol")
_DEFAULT_PROMPT = {"en": "sequential", "zh": "sequential-zh"}


def new_run(arguments: argparse.Namespace, progress: ProgressLines) -> Run:
    """Check every setting first, then read the data, then make the run.

    Raises:
        RecsysError: for anything that the person has to mend; nothing is left behind then.
    """
    from recsys.models import MODELS

    if arguments.final is not None:
        return _final_run(arguments)
    if arguments.data is None:
        raise ConfigError(N_("Say what to train on: --data NAME, FILE or FOLDER."))
    limits = {
        "epochs": arguments.epochs,
        "minutes": arguments.minutes,
        "device": arguments.device,
    }
    settings = chosen(arguments, [arguments.model]).get(arguments.model, {})
    backbone = _run_to_build_on(arguments.model, settings)
    protocol = arguments.protocol or "leave-last-out"  # till the data are known
    check_settings(arguments.model, protocol, settings, seed=arguments.seed, **limits)
    check_language_model(arguments.model, arguments.language_model)  # before the data is read
    if arguments.name is not None:
        check_name(arguments.name)
    template = _template(arguments, MODELS[arguments.model].reads_prompts)
    source = source_of(arguments)
    dataset, cleaning = read_data(source, progress)
    languages = (dataset.language, *(() if template is None else (template.language,)))
    reads_with = check_language_model(arguments.model, arguments.language_model, *languages)
    if reads_with is not None:
        template = template or load_template(_DEFAULT_PROMPT[dataset.language])
        if (doubt := cannot_read(reads_with, dataset.language)) is not None:
            progress.say(str(doubt))
    return create_run(
        arguments.runs or runs_folder(),
        dataset,
        model=arguments.model,
        model_config=settings,
        backbone=backbone,
        template=None if template is None else checked(template, dataset),
        language_model=arguments.language_model,
        protocol=arguments.protocol,
        seed=arguments.seed,
        **limits,
        name=arguments.name,
        source=source,
        cleaning=asdict(cleaning),
        command=tuple(sys.argv),
    )


def _final_run(arguments: argparse.Namespace) -> Run:
    """The settings of `--final RUN`, to be fitted on all events; beside it if nobody says else."""
    from recsys.runs import demo

    chosen_too = [name for name in _SETTINGS if getattr(arguments, name) is not None]
    chosen_too += [flag.removeprefix("--") for flag in given(arguments)]
    if arguments.model != DEFAULT_MODEL:
        chosen_too.append("model")
    if chosen_too:
        raise ConfigError(
            N_("--final takes all settings from the run. Leave out: {names}."),
            names=", ".join(f"--{name.replace('_', '-')}" for name in chosen_too),
        )
    measured = find_run(arguments.final)
    beside = runs_folder() if measured.name == demo.NAME else measured.folder.parent
    device = None if arguments.device == "auto" else arguments.device
    return create_final(measured, arguments.runs or beside, name=arguments.name, device=device)


def read_data(source: dict[str, Any], progress: ProgressLines) -> tuple[Dataset, CleaningConfig]:
    """The clean data of what `source_of` names, and how it was cleaned; says what was dropped.

    Raises:
        DataError, ConfigError: if it cannot be used.
    """
    from recsys.reading import prepare_apart
    from recsys.sources import SOURCES, CleaningConfig, ReadOptions
    from recsys.sources.options import READ

    progress.say("reading the data …")
    sample = SOURCES.get(source["data"])
    cleaning = CleaningConfig() if sample is None else sample.cleaning
    options = {key: value for key, value in source.items() if key != "data"}
    options |= {name: ReadOptions(**read) for name in READ if (read := options.get(name))}
    dataset, report = prepare_apart(
        source["data"], cleaning=cleaning, observe=progress.reading, **options
    )
    notes = [(note.grave, str(note)) for note in report.notes]
    notes += [(step.reason.grave, f"{step.count:,} rows: {step.reason}") for step in report.steps]
    for grave, words in sorted(notes, key=lambda one: not one[0]):  # what changes the result first
        progress.say(f"{'! ' if grave else '  '}{words}")
    progress.say(
        f"{dataset.name}: {dataset.n_users:,} users, {dataset.n_items:,} items, "
        f"{dataset.n_events:,} events"
    )
    return dataset, cleaning


def find_prompt(name: str) -> Template:
    """A prompt of the library, a saved one (`NAME`, or `NAME@3` for a version), or a file."""
    version = find_version(name)
    return load_template(name) if version is None else Template.parse(version.source, version.name)


def prompt_source(name: str) -> str:
    """The text of such a prompt, which may hold anything."""
    version = find_version(name)
    return template_source(name) if version is None else version.source


def find_version(name: str) -> Version | None:
    """The version of a saved prompt; None for one of the library, or a file."""
    if name in LIBRARY or Path(name).is_file():
        return None
    prompts = PromptStore.default()
    prompt, at, number = name.rpartition("@")
    if at and number.isdecimal() and prompt in prompts.names():
        return prompts.get(prompt, int(number))
    return prompts.latest(name) if name in prompts.names() else None


def find_run(name: str) -> Run:
    """A run by its directory, as `train` prints it, or by its name in `runs_folder()`.

    One that did not get to its end is said to be so.
    """
    run = finding.find_run(name)
    if run.has_model() and (ended := how_it_ended(run)) is not None:
        print(f"{printable(run.name)}: {ended}", file=sys.stderr)
    return run


def checked(template: Template, data: Dataset) -> Template:
    """The template, if the data has the variables it needs. Raises `TemplateError` if not."""
    return usable(template, Verbaliser(data).values(0))


def _template(arguments: argparse.Namespace, reads_prompts: bool) -> Template | None:
    """The prompt asked for, or None where the data's language will choose."""
    if arguments.prompt is None:
        return None
    if not reads_prompts:
        raise ConfigError(
            N_("The model {model} reads no prompts. Leave out --prompt."), model=arguments.model
        )
    return find_prompt(arguments.prompt)


def _run_to_build_on(model: str, settings: dict[str, Any]) -> Run | None:
    """The run that a setting names where it could name a model; its model goes in its place."""
    from recsys.models import MODELS
    from recsys.models.backbones import BACKBONES

    for declared in MODELS[model].settings() if settings else ():
        asked = settings.get(declared.name)
        if declared.spec.widget == "backbone" and asked is not None and asked not in BACKBONES:
            run = find_run(asked)
            settings[declared.name] = run.config.model
            return run
    return None


def _read_options(text: str | None) -> dict[str, Any] | None:
    """What `--read` gives, as a run's config keeps it."""
    from recsys.sources import parse_read

    given = asdict(parse_read(text or ""))
    return {name: value for name, value in given.items() if value is not None} or None


def source_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Where the data comes from, as a run's config keeps it."""
    from recsys.sources import parse_mapping
    from recsys.sources.options import READ

    return {
        "data": arguments.data,
        "items": None if arguments.items is None else str(arguments.items),
        "users": None if arguments.users is None else str(arguments.users),
        "knowledge": None if arguments.knowledge is None else str(arguments.knowledge),
        "encoding": arguments.encoding,
        **{name: _read_options(getattr(arguments, name)) for name in READ},
        "columns": parse_mapping(arguments.columns or ""),
        "item_columns": parse_mapping(arguments.item_columns or ""),
        "user_columns": parse_mapping(arguments.user_columns or ""),
    }
