"""A search told in sentences, without a language model: composed of what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recsys.evaluation import Comparison
from recsys.lab.explanation import MOST_FAILED, Explanation, Group, Tried
from recsys.schema import N_, Message

#: What is done to make a variant of a prompt.
DONE = {
    "swap": N_("a word exchanged as the gradient says"),
    "reword": N_("words said otherwise"),
    "amount": N_("a list made longer or shorter"),
    "drop": N_("a line left out"),
    "move": N_("a line moved"),
    "exchange": N_("a line exchanged"),
    "add": N_("a line added"),
}
_REFUSED = {
    "title": N_("Refused, since they copy a title of the catalogue: {variants}."),
    "phrase": N_("Refused, since they copy a phrase that models are trained with: {variants}."),
}


@dataclass(frozen=True)
class Section:
    """Sentences under a title."""

    title: Message
    sentences: tuple[Message, ...]


def headline(*, holds: bool) -> Message:
    """The outcome in a few words."""
    if holds:
        return Message(N_("A better wording was found"))
    return Message(N_("No wording was better than yours beyond chance"))


def outcome(holds: bool, same: bool, users: int, compared: Comparison) -> Message:
    """What the winner changes on users that the search never saw.

    Args:
        same: whether the best prompt is still the one at the start.
    """
    if same:
        return Message(N_("Every variant was worse than yours, or the same, on the users tried."))
    numbers = {"users": f"{users:,}", **_numbers(compared)}
    if holds:
        return Message(
            N_("On {users} users that the search never saw, it gains {delta} in NDCG@10 (95% "
               "interval {low} to {high})."),
            numbers,
        )  # fmt: skip
    if compared.high < 0:
        return Message(
            N_("The variant that led at the end was lucky: on {users} users that the search never "
               "saw, it loses NDCG@10 beyond chance ({delta}, 95% interval {low} to {high})."),
            numbers,
        )  # fmt: skip
    return Message(
        N_("The variant that led at the end changes NDCG@10 by {delta} (95% interval {low} to "
           "{high}) on {users} users that the search never saw. That may be chance, so that it is "
           "not offered."),
        numbers,
    )  # fmt: skip


def beside_history(compared: Comparison) -> Message:
    """What a prompt that was found by its words alone changes in lists as they are made."""
    numbers = _numbers(compared)
    if compared.distinguishable:
        return Message(
            N_("With the history read as well, as lists are made, it changes NDCG@10 by {delta} "
               "({low} to {high}) for them."),
            numbers,
        )  # fmt: skip
    return Message(
        N_("With the history read as well, as lists are made, it changes NDCG@10 by {delta} ({low} "
           "to {high}) for them, which may be chance."),
        numbers,
    )  # fmt: skip


def account(explanation: Explanation, *, holds: bool) -> list[Section]:
    """For whom the prompt fails, what was tried, and what helped; intervals over all groups."""
    return [
        Section(Message(N_("For whom the prompt fails")), tuple(_failed(explanation))),
        Section(Message(N_("What was tried")), tuple(_tried(explanation))),
        Section(Message(N_("What helped")), tuple(_helped(explanation, holds=holds))),
    ]


def _failed(explanation: Explanation) -> Iterator[Message]:
    worst = explanation.failed[:MOST_FAILED]
    for group in worst:
        yield Message(
            N_("{group}: NDCG@10 is {value}, for everybody else {other} (difference {delta}, {low} "
               "to {high})."),
            _about(group),
        )  # fmt: skip
    if more := len(explanation.failed) - len(worst):
        yield Message(N_("Groups that are worse than the others beyond chance, too: {more}."),
                      {"more": more})  # fmt: skip
    if not worst and explanation.groups:
        yield Message(
            N_("Nobody in particular: of {groups} groups by length of history, kind and years of "
               "the next item, none is worse than everybody else beyond chance."),
            {"groups": len(explanation.groups)},
        )  # fmt: skip
    for group in explanation.served[:MOST_FAILED]:
        yield Message(
            N_("It does best for {group}: NDCG@10 is {value}, for everybody else {other} "
               "(difference {delta}, {low} to {high})."),
            _about(group),
        )  # fmt: skip
    if not explanation.groups:
        yield Message(N_("There are too few users to compare groups of them."))


def _tried(explanation: Explanation) -> Iterator[Message]:
    for tried in explanation.tried:
        yield _came_of(tried, Message(DONE.get(tried.done, tried.done)))
    by_name = {group.name: group for group in explanation.groups}
    for tried in explanation.tried_for:
        if (group := by_name.get(tried.group)) is not None:
            yield _came_of_for(tried, group)
    for why, variants in explanation.refused.items():
        if variants and why in _REFUSED:
            yield Message(_REFUSED[why], {"variants": variants})
    if not explanation.tried:
        yield Message(N_("Nothing: the search ended before a variant was measured."))


def _came_of(tried: Tried, what: Message) -> Message:
    about = {"what": what, "variants": tried.variants}
    if tried.helped:
        return Message(
            N_("{what}: {variants} tried, {helped} better than what it was made from beyond "
               "chance; the best by {delta} ({low} to {high})."),
            {**about, "helped": tried.helped, **_numbers(tried.best)},
        )  # fmt: skip
    return Message(
        N_("{what}: {variants} tried, none better than what it was made from beyond chance."),
        about,
    )


def _came_of_for(tried: Tried, group: Group) -> Message:
    about = {"group": Message(group.title), "variants": tried.variants}
    if tried.helped:
        return Message(
            N_("For “{group}”, better beyond chance: {helped} of {variants} tried; most helps: "
               "{what}, by {delta} ({low} to {high})."),
            {**about, "helped": tried.helped, "what": Message(DONE.get(tried.done, tried.done)),
             **_numbers(tried.best)},
        )  # fmt: skip
    return Message(N_("For “{group}”, better beyond chance: none of {variants} tried."), about)


def _helped(explanation: Explanation, *, holds: bool) -> Iterator[Message]:
    if not holds:
        yield Message(N_("Nothing that holds on users that the search never saw."))
        return
    for step in explanation.steps:
        yield _step(step)
    helped = explanation.helped
    for group in helped[:MOST_FAILED]:
        yield Message(
            N_("{group}: NDCG@10 rises from {other} to {value} ({delta}, {low} to {high})."),
            _about(group),
        )
    if not helped:
        yield Message(N_("The new wording, for users as a whole; no group gains beyond chance by "
                         "itself."))  # fmt: skip


def _step(step: Tried) -> Message:
    """One of the changes that made the new wording."""
    about = {"what": Message(DONE.get(step.done, step.done)), **_numbers(step.best)}
    if step.helped:
        return Message(N_("{what}: {delta} on the users searched ({low} to {high})."), about)
    return Message(
        N_("{what}: {delta} on the users searched ({low} to {high}), which may be chance."), about
    )


def _about(group: Group) -> dict[str, str | Message]:
    values = {"value": f"{group.value:.4f}", "other": f"{group.other:.4f}"}
    return {"group": group.description, **values, **_numbers(group.comparison)}


def _numbers(compared: Comparison) -> dict[str, str]:
    """A difference and its interval, with signs."""
    values = {"delta": compared.delta, "low": compared.low, "high": compared.high}
    return {name: f"{value:+.4f}".replace("-", "−") for name, value in values.items()}
