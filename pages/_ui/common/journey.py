"""The first page, the five steps in order, and what stands beside: pages are known here only."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.schema import N_


@dataclass(frozen=True)
class Step:
    """A page: its key is its URL and its file name; `title` and `task` are gettext templates."""

    key: str
    title: str
    icon: str
    task: str
    invitation: str

    @property
    def script(self) -> str:
        return f"pages/{self.key}.py"


HOME = Step(
    key="home",
    title=N_("Home"),
    icon=":material/home:",
    task=N_("See what a prompt does to a recommender"),
    invitation=N_("See it work"),
)

STEPS: tuple[Step, ...] = (
    Step(
        key="data",
        title=N_("Data"),
        icon=":material/dataset:",
        task=N_("Choose what people did: a sample, or a file of your own."),
        invitation=N_("Start with the data"),
    ),
    Step(
        key="prompts",
        title=N_("Prompts"),
        icon=":material/edit_note:",
        task=N_("Write the sentence that tells the language model who a user is."),
        invitation=N_("Write the prompt"),
    ),
    Step(
        key="train",
        title=N_("Train"),
        icon=":material/show_chart:",
        task=N_("Choose a model, press start, and watch it learn."),
        invitation=N_("Train a model"),
    ),
    Step(
        key="recommend",
        title=N_("Recommend"),
        icon=":material/recommend:",
        task=N_("Pick a user, say what they wish for, and see what they would be shown."),
        invitation=N_("See recommendations"),
    ),
    Step(
        key="evaluate",
        title=N_("Evaluate"),
        icon=":material/leaderboard:",
        task=N_("See how good the recommendations are, and how sure we can be."),
        invitation=N_("See how good they are"),
    ),
)

#: Pages that are no step of the journey.
ASIDE: tuple[Step, ...] = (
    Step(
        key="grid",
        title=N_("Grid"),
        icon=":material/grid_on:",
        task=N_("Try prompts, models and language models in every combination, beside controls."),
        invitation=N_("Try every combination"),
    ),
    Step(
        key="benchmark",
        title=N_("Benchmark"),
        icon=":material/speed:",
        task=N_("See how the whole family of models compares, each measured the same way."),
        invitation=N_("See the benchmark"),
    ),
    Step(
        key="deploy",
        title=N_("Deploy"),
        icon=":material/dns:",
        task=N_("Let a trained model answer other programs over HTTP, and watch it do so."),
        invitation=N_("Serve a model"),
    ),
)

BY_KEY: dict[str, Step] = {step.key: step for step in (*STEPS, *ASIDE)}


def position(key: str) -> int:
    """Where a step stands in the journey, from 0."""
    return [step.key for step in STEPS].index(key)


def following(key: str) -> Step | None:
    """The step after this one, or None at the end."""
    place = position(key) + 1
    return STEPS[place] if place < len(STEPS) else None
