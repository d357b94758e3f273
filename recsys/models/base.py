"""What every recommender is: the `Recommender` contract and the `Queries` it answers."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from recsys.dataset import Dataset
from recsys.language_models import Progress
from recsys.models.batches import Batch
from recsys.models.mapped import load_mapped
from recsys.models.settings import Declared, Shown, settings_of
from recsys.prompts import Template
from recsys.request_text import request_text
from recsys.schema import N_, ConfigError, RunError
from recsys.wishes.control.corrections import Corrections

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, eq=False)
class Queries:
    """The users to score, and what is known of them at the cutoff.

    Attributes:
        history: the events known; may be another `Dataset` than the training data as long as
            its items are the same (new users, edited histories).
        users: (n,) positions into `history.users`; a user may occur more than once.
        template: the prompt; None means the one the model was trained with.
        intent: a wish in the person's own words, or ""; cut as `request_text` cuts it.
        exchanged: variable → whose value of it stands in each user's prompt, (n_users,) positions
            of users by position; a value is exchanged only where both have one, so that what
            depends on its being there stays. Everything but the prompt is the user's own.
        history_weight: how much is read beside the prompt, for models with `weighs_history`: with 1
            all that the model knows of a person; with 0 the prompt alone, as it would be rendered
            from the history: two people with the same prompt have the same scores; between, the
            mean of both, weighted so (Penaloza et al. 2025, "TEARS: Text representations for
            scrutable recommendations").
        corrections: what the person said of what was understood of that wish.
        strength: how much the wish counts: 1, what is asked for comes before all else; 0, it
            changes nothing but what a model makes of its words by itself.

    Raises:
        ConfigError: if the weight or the strength is not between 0 and 1.
    """

    history: Dataset
    users: np.ndarray
    template: Template | None = None
    intent: str = ""
    exchanged: Mapping[str, np.ndarray] = field(default_factory=dict)
    history_weight: float = 1.0
    corrections: Corrections = field(default_factory=Corrections)
    strength: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.history_weight <= 1:
            raise ConfigError(
                N_("The weight of the history is {weight}. It has to be between 0 and 1."),
                weight=f"{self.history_weight:g}",
            )
        if not 0 <= self.strength <= 1:
            raise ConfigError(
                N_("The strength of the wish is {strength}. It has to be between 0 and 1."),
                strength=f"{self.strength:g}",
            )
        object.__setattr__(self, "intent", request_text(self.intent).text)


class Recommender(ABC):
    """Scores every item of the catalogue for each of a batch of users.

    Attributes:
        name: the key in `MODELS`.
        title, summary: what a person reads when choosing (gettext templates).
        reads_prompts: whether `template` and the words of `intent` change what `score` gives;
            `recsys.recommend.scores` lets every model follow a wish.
        tunes_language_model: whether it trains through the language model's weights, which has
            to be a transformer then.
        weighs_history: whether `Queries.history_weight` changes what `score` gives.
        reads_history: whether events that training never saw change a user's scores.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    reads_prompts: ClassVar[bool] = False
    tunes_language_model: ClassVar[bool] = False
    weighs_history: ClassVar[bool] = False
    reads_history: ClassVar[bool] = True
    #: Whether hyperparameters are chosen after training, see `GradientRecommender.calibrate`.
    calibrates: ClassVar[bool] = False

    #: The model's settings, a `ModelConfig` declared beside the class.
    config: Any

    @classmethod
    def settings(cls, *shown: Shown) -> tuple[Declared, ...]:
        """What can be set about such a model: all of it, or what is shown in one of these ways."""
        config: Any = type(cls._new().config)
        declared = settings_of(config)
        return tuple(one for one in declared if one.spec.shown in shown) if shown else declared

    @classmethod
    def configured(cls, settings: Mapping[str, Any]) -> Self:
        """An untrained model with some settings given, the others at their defaults.

        Raises:
            ConfigError: if it has no such setting, or a value is not allowed.
        """
        default = cls._new().config
        known = {field.name for field in fields(default)}
        for setting in settings:
            if setting not in known:
                raise ConfigError(
                    N_('The model {model} has no setting called "{setting}". Leave it out.'),
                    model=cls.name,
                    setting=setting,
                )
        return cls._new(replace(default, **settings))

    @classmethod
    def _new(cls, *config: Any) -> Self:
        """A model; every class takes its config, or nothing."""
        kind: Callable[..., Self] = cls
        return kind(*config)

    @property
    def backbone(self) -> Recommender | None:
        """The model that it builds on and is measured beside; None for one that stands alone."""
        return None

    @abstractmethod
    def score(self, queries: Queries) -> np.ndarray:
        """Scores of all items: (n, n_items) float32, higher is better, seen items included."""

    def item_vectors(self) -> np.ndarray | None:
        """Item vectors (n_items, d) whose cosine says how alike items are; None without any."""
        return None

    @property
    def predicts_ratings(self) -> bool:
        """Whether scores are ratings as users give them, see `PredictsRatings`."""
        return False

    @abstractmethod
    def tensors(self) -> dict[str, np.ndarray]:
        """Everything learned, by name; what `save` writes."""

    @classmethod
    @abstractmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> Self:
        """Rebuild a model for scoring from its saved config and tensors, and its data."""

    def save(self, folder: Path) -> None:
        """Write `config.json` and `model.safetensors` into `folder`; never pickle."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        config = {"model": self.name, "config": asdict(self.config)}
        text = json.dumps(config, indent=2, ensure_ascii=False)
        (folder / "config.json").write_text(text, encoding="utf-8")
        arrays = {k: np.ascontiguousarray(v) for k, v in self.tensors().items()}
        save_file(arrays, folder / "model.safetensors")

    @classmethod
    def load(cls, folder: Path, data: Dataset) -> Self:
        """Read what `save` wrote; `data` has the items (and texts) it was trained on.

        Raises:
            RunError: if the files are missing, damaged, or of another version.
        """
        unreadable = RunError(
            N_("The model in {folder} cannot be read. Train it again."), folder=str(folder)
        )
        try:
            config = json.loads((folder / "config.json").read_text("utf-8"))["config"]
            tensors = load_mapped(folder / "model.safetensors")
        except (OSError, ValueError, KeyError) as error:
            raise unreadable from error
        try:
            return cls.from_tensors(config, tensors, data)
        except (KeyError, TypeError, ConfigError) as error:  # of another version, or damaged
            raise unreadable from error


class ClosedFormRecommender(Recommender):
    """A model that is computed in one go."""

    @abstractmethod
    def fit(self, train: Dataset, progress: Progress | None = None) -> None:
        """Compute the model from the training data.

        Args:
            progress: called with (done, total) texts while a language model reads them.
        """


@dataclass(frozen=True)
class Optimisation:
    """The hyperparameters of training that suit a model.

    Attributes:
        epochs: passes over the training positions at most.
        minutes: time limit, so that large data ends too; small data is done long before.
        learning_rate: the highest; it rises over the first steps and falls along a cosine.
        weight_decay: of matrices; biases and norms have none (AdamW).
        objective: a key of `recsys.training.OBJECTIVES`.
        patience: epochs without a better validation after which training ends.
        averaged: whether what is kept is the running mean of the weights, see `AveragedWeights`.
        plain: Adam as in its paper (Kingma & Ba 2015): a learning rate that stays, gradients as
            they are, and the weights of the last step.
    """

    epochs: int
    learning_rate: float
    minutes: float = 5.0
    weight_decay: float = 0.01
    objective: str = "full-softmax"
    patience: int = 10
    averaged: bool = True
    plain: bool = False


class GradientRecommender(Recommender):
    """A model trained by gradient descent; `recsys.training.fit` drives it.

    Life: `prepare(train, seed)` builds the network for the data, then `batches` is run once an
    epoch, and `forward` makes of each batch what the objective compares.
    """

    optimisation: ClassVar[Optimisation]

    network: torch.nn.Module

    def plan(self) -> Optimisation:
        """How the model is trained with the settings that it has."""
        return self.optimisation

    def pretraining(self) -> GradientRecommender | None:
        """The backbone that has to be trained before this model; None where there is none."""
        return None

    @abstractmethod
    def prepare(
        self,
        train: Dataset,
        *,
        seed: int,
        device: torch.device | str = "cpu",
        progress: Progress | None = None,
    ) -> None:
        """Build the network and everything about `train` that does not change between epochs.

        Args:
            seed: of the first weights, which are the same on every device.
            device: where the network lies, and every tensor that `forward` gives.
            progress: called with (done, total) texts while a language model reads them.
        """

    @property
    def device(self) -> torch.device:
        """Where the network and its inputs lie; the CPU, if it was loaded."""
        return next(self.network.parameters()).device

    @abstractmethod
    def batches(self, rng: np.random.Generator) -> Iterator[Any]:
        """The shuffled batches of one epoch."""

    @abstractmethod
    def forward(self, batch: Any) -> Batch:
        """What the objective compares of one batch, on the way to the loss."""

    @property
    @abstractmethod
    def positions_per_epoch(self) -> int:
        """How many training examples an epoch holds."""

    def calibrate(self, measure: Callable[[], float]) -> float | None:
        """Choose, after training, hyperparameters by validation that gradients do not reach.

        Args:
            measure: the model's quality on the validation users as it is now; higher is better.

        Returns:
            The quality of the model as it is left; None where it was not changed.
        """
        return None

    def calibrate_as(self, other: Self) -> None:
        """Take over what `calibrate` chose of a model with the same settings."""

    def tensors(self) -> dict[str, np.ndarray]:
        return {name: value.cpu().numpy() for name, value in self.network.state_dict().items()}

    def load_tensors(self, tensors: dict[str, np.ndarray]) -> None:
        """Put saved tensors into the network, which has to have their shapes.

        Raises:
            RunError: if they do not fit.
        """
        import torch

        try:
            self.network.load_state_dict({k: torch.from_numpy(v) for k, v in tensors.items()})
        except RuntimeError as error:
            raise RunError(
                N_("The saved model does not fit its data. Train it again."),
            ) from error
        self.network.eval()


class BackboneRecommender(GradientRecommender):
    """R_ui = Q_uᵀK_i + b_i: a trained model on top of whose queries another can be tuned."""

    @abstractmethod
    def query_vectors(self, queries: Queries) -> torch.Tensor:
        """Q of each user asked for: (n, d)."""

    @abstractmethod
    def training_queries(self, train: Dataset) -> torch.Tensor:
        """Q just before each event of the training data: (n_events, d)."""

    @abstractmethod
    def empty_query(self) -> torch.Tensor:
        """Q of an empty history: (d,)."""

    @abstractmethod
    def keys(self) -> torch.Tensor:
        """K: (n_items, d)."""

    @abstractmethod
    def biases(self) -> torch.Tensor:
        """b: (n_items,)."""
