"""From a run to a capsule."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from recsys.lab.version import Version
from recsys.lab.version_store import PromptStore
from recsys.language_models import LANGUAGE_MODELS
from recsys.runs import Run, demo
from recsys.runs.model_measurement import model_folder
from recsys.schema import N_, RunError
from recsys.sources import SOURCES
from recsys.storage.capsule_file import Manifest, Part, write_capsule
from recsys.storage.files import plain

#: What of a run's folder goes in as it is, where it is there.
_PACKED = ("evaluation.json", "per_user.parquet", "events.jsonl", demo.WORDS_FILE)
_MODEL = ("config.json", "model.safetensors", "measured.json")
#: Versions of prompts in a capsule.
_MOST_PROMPTS = 100


def pack_run(
    run: Run,
    file: Path,
    *,
    with_data: bool = True,
    view: Mapping[str, str] | None = None,
    prompts: Iterable[Version] | None = None,
) -> Manifest:
    """Write a run that is over, with what belongs to it, into one file.

    Nothing of the machine that trained it goes in.

    Args:
        with_data: whether the data goes in; else its hash, and whoever opens it has the data.
        view: where to begin, as in `Manifest`.
        prompts: saved prompts to take along; None for all versions of the run's own.

    Raises:
        RunError: if it is still at work, has no model, or needs a language model in a folder.
        DataError: if its data cannot be read.
        ConfigError: if the file cannot be written.
    """
    model = model_folder(run.folder)
    if run.status().active or model is None:
        raise RunError(
            N_("The run {name} has no model yet. Let it train for a while, or train again."),
            name=run.name,
        )
    config = run.config
    if (reads := config.language_model) is not None and is_place(reads):
        raise RunError(
            N_(
                "The run {name} reads with a language model in a folder of this machine, which no "
                "other has. Train with one that is known by its name."
            ),
            name=run.name,
        )
    status = replace(run.status(), pid=None, process_started=None, host=None, boot=None)
    public = replace(config, command=(), backbone_run=None, source=_public(config.source))
    parts: dict[str, Path | bytes] = {
        "run/config.json": _json(public.to_dict()),
        "run/status.json": _json(asdict(status)),
    }
    for name in _PACKED:
        if (run.folder / name).is_file() and (config.final is None or name == "events.jsonl"):
            parts[f"run/{name}"] = run.folder / name
    parts |= {f"run/model/{name}": model / name for name in _MODEL if (model / name).is_file()}
    versions = list(saved_versions(config.prompt_name) if prompts is None else prompts)
    for place, version in enumerate(versions[-_MOST_PROMPTS:]):
        parts[f"prompts/{place:03d}.j2"] = version.to_file().encode("utf-8", "replace")

    def manifest(known: dict[str, Part]) -> Manifest:
        sample = next((n for n in _named(config.source) if n in SOURCES), None)
        shown = {"page": "recommend"} if view is None else dict(view)
        about = run.name, config.data, config.data_hash, with_data
        return Manifest(*about, known, sample, shown)

    if not with_data:
        return write_capsule(file, manifest, parts)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run.dataset().save(folder)
        parts |= {f"data/{path.name}": path for path in folder.iterdir()}
        return write_capsule(file, manifest, parts)


def is_place(language_model: str) -> bool:
    """Whether a language model is named by where it lies, and not by what it is called."""
    known = language_model in LANGUAGE_MODELS
    owner, _, name = language_model.partition("/")
    plain_id = name and "/" not in name and ".." not in (owner, name)
    return not known and (not plain_id or Path(language_model).is_dir())


def saved_versions(name: str | None) -> list[Version]:
    """All versions of a prompt that somebody saved, the oldest first."""
    prompts = PromptStore.default()
    return prompts.versions(name) if name is not None and name in prompts.names() else []


def _named(source: Mapping[str, object]) -> Iterable[str]:
    return (str(source.get(key)) for key in ("origin", "data"))


def _public(source: Mapping[str, object]) -> dict[str, object]:
    """Where data came from, without the folders of the machine that it lay on."""
    return {
        key: Path(value).name if isinstance(value, str) else value for key, value in source.items()
    }


def _json(value: Mapping[str, object]) -> bytes:
    return (json.dumps(plain(value), indent=2, ensure_ascii=False) + "\n").encode()
