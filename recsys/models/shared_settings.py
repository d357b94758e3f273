"""Settings that several models have, with one label, one help and one range."""

from __future__ import annotations

from recsys.models.settings import Choice, Setting
from recsys.schema import N_, ConfigError


def share_of_training(label: str, help: str) -> Setting:
    """A share of what is trained on, from 0 to 1; set on the command line alone."""
    return Setting(label, help, minimum=0.0, maximum=1.0, step=0.05, shown="flag")


def internal(label: str, minimum: float, maximum: float) -> Setting:
    """A number, or several, that is set in Python alone."""
    return Setting(label, minimum=minimum, maximum=maximum, shown="config")


#: The source of the template that a model is trained with; "" for the library's `sequential`.
PROMPT = Setting(N_("Prompt"), maximum=1_000_000, shown="config")
#: As `recsys.language_models.describe` takes it.
LANGUAGE_MODEL = Setting(N_("Language model"), maximum=5_000, shown="config")
#: Longer prompts lose words at their end.
MAX_TOKENS = Setting(
    N_("Tokens of a prompt at most"),
    N_("Longer prompts lose words at their end."),
    minimum=8,
    maximum=8_192,
    step=32,
)

#: "implicit" learns which items are met, "ratings" which ratings are given.
OBJECTIVE = Setting(
    N_("What it learns"),
    shown="first",
    choices=(
        Choice(
            "implicit",
            N_("Which items are met"),
            N_("Every event counts alike; items are ranked by how likely they come next."),
        ),
        Choice(
            "ratings",
            N_("Which ratings are given"),
            N_("Predicts the number of stars by squared error; items are ranked by it."),
            needs="rating",
        ),
    ),
)

DIMENSION = Setting(
    N_("Dimensions"),
    N_("The length of the vectors. More can learn finer differences, and take longer."),
    minimum=1,
    maximum=2_048,
    step=8,
)
LAYERS = Setting(
    N_("Layers"),
    N_("Of the transformer that reads the order of events."),
    minimum=1,
    maximum=24,
)
HEADS = Setting(
    N_("Attention heads"),
    N_("They share the dimensions evenly."),
    minimum=1,
    maximum=64,
)
DROPOUT = Setting(
    N_("Dropout"),
    N_("The share of numbers left out at random while training, against learning by heart."),
    minimum=0.0,
    maximum=0.95,
    step=0.05,
)
LENGTH = Setting(
    N_("Events read at most"),
    N_("How much of a history is read; of a longer one the latest events."),
    minimum=1,
    maximum=4_096,
    step=16,
)
REGULARISATION = Setting(
    N_("Regularisation"),
    N_("The ridge λ on the weights. More trusts rare items less."),
    minimum=1e-6,
    maximum=1e9,
    step=50.0,
)
#: The item or event p places before the latest one weighs (1 + p)^-recency; 0: all alike.
RECENCY = Setting(
    N_("Recency"),
    N_("How strongly recent items lead; with 0 all count alike."),
    minimum=0.0,
    maximum=10.0,
    step=0.1,
)
#: Memory is two matrices of `max_items`² float32, time grows with `max_items`³.
MAX_ITEMS = Setting(
    N_("Items with weights at most"),
    N_("The most popular ones; others score 0. Twice as many take four times the memory."),
    minimum=1,
    maximum=100_000,
    step=1_000,
    shown="flag",
)
#: Training positions in a batch.
BATCH_POSITIONS = Setting(
    N_("Positions in a batch"),
    N_("Events that are learned from in one step, at most; fewer on little data."),
    minimum=1,
    maximum=1_000_000,
    step=256,
    shown="flag",
)
#: The share of positions that are trained with a wish for an attribute of their own target.
INTENT_SHARE = share_of_training(
    N_("Share of positions with a wish"),
    N_("How often it is trained with a wish for an attribute of the item that came."),
)
#: The share of positions that are trained with words that ask for nothing.
SMALL_TALK_SHARE = share_of_training(
    N_("Share of positions with small talk"),
    N_("How often it is trained with words that ask for nothing."),
)
#: The share of positions at which what is known of the user is left out.
FORGET_SHARE = share_of_training(
    N_("Share of positions without history"),
    N_("How often training leaves out all that is known of a user, as of somebody new."),
)
#: The share of positions that are read a second time, by what the prompt says of the history.
HISTORY_DROPOUT = Setting(
    N_("History dropout"),
    N_(
        "How often training reads a position a second time, with nothing of the history but what "
        "the prompt says of it. More is better for a prompt that is read alone, and takes longer."
    ),
    minimum=0.0,
    maximum=0.9,
    step=0.05,
)
#: How far a wish moves the query; 1 is as trained (Ho & Salimans 2022).
GUIDANCE = Setting(
    N_("Guidance"),
    N_("How far a wish moves the list; 1 is as trained."),
    minimum=0.0,
    maximum=20.0,
    step=0.5,
)
#: What a named value adds, before training, to the scores of the items that have it.
WISH_STRENGTH = internal(N_("Strength of a wish before training"), 0.0, 1_000.0)


def check_heads(dimension: int, heads: int) -> None:
    """Raise `ConfigError` if attention heads cannot share the dimensions evenly."""
    if dimension % heads:
        raise ConfigError(
            N_(
                "{heads} attention heads cannot share {dimension} dimensions evenly. Choose "
                "dimensions that are a multiple of the heads."
            ),
            heads=heads,
            dimension=dimension,
        )
