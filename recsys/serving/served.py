"""One run as it is served: its data and model in memory, and what every answer says of it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from recsys.dataset import Dataset
from recsys.models.base import Queries, Recommender
from recsys.prompts import Template, Verbaliser, usable
from recsys.recommend import allowed_items, reader_of, recommend
from recsys.runs import Run
from recsys.schema import N_, LanguageModelError, listed
from recsys.serving.answers import API_VERSION
from recsys.serving.errors import RefusedRequest
from recsys.serving.kept_lists import Filters, KeptLists
from recsys.serving.new_items import WithNewItems, grown_data
from recsys.serving.posted import PostedItem

#: Templates, and masks of filters, that are kept.
_KEPT = 64
#: Attributes named in a sentence.
_NAMED = 12
_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class ServedRun:
    """A run with what the lists are made from.

    Attributes:
        run: as it lies on disk.
        model, data: with the new items that were sent, behind those of the run.
        items_version: of these new items, see `Posted.items_version`.
        kept: lists that were made with them.
    """

    run: Run
    model: Recommender
    data: Dataset
    items_version: tuple[int, int] = (0, 0)
    kept: KeptLists = field(default_factory=KeptLists, repr=False)
    _templates: OrderedDict[str, Template] = field(default_factory=OrderedDict, repr=False)
    _masks: OrderedDict[Filters, np.ndarray] = field(default_factory=OrderedDict, repr=False)

    @classmethod
    def load(cls, run: Run) -> ServedRun:
        """Read a run, and what its first lists with and without a wish need.

        Raises:
            RecsysError: if it has no model, or cannot be read.
        """
        served = cls(run, run.model(), run.dataset())
        anybody = Queries(served.data, np.zeros(1, dtype=np.int64))
        recommend(served.model, anybody, 1)
        with suppress(LanguageModelError):  # it is said where somebody wishes for something
            reader_of(served.model, served.data).learn()
            recommend(served.model, replace(anybody, intent="…"), 1)
        return served

    def with_items(self, items: Sequence[PostedItem], version: tuple[int, int]) -> ServedRun:
        """The same run with these new items, and no others."""
        model, data = self.run.model(), self.run.dataset()
        fresh = [item for item in items if item.item_id not in data.items]  # of another run's data
        if fresh:
            grown = grown_data(data, fresh)
            model, data = WithNewItems(model, data, grown), grown
        return ServedRun(self.run, model, data, version, _templates=self._templates)

    def made_by(self, template: Template | None = None) -> dict[str, Any]:
        """What every answer says: see `Provenance`."""
        config = self.run.config
        prompt = None
        if config.prompt_source is not None:
            source = config.prompt_source if template is None else template.source
            digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
            name = (config.prompt_name or "") if template is None else "request"
            prompt = {"name": name, "hash": digest[:16]}
        return {
            "api": API_VERSION,
            "run": config.name,
            "model": config.model,
            "data_hash": config.data_hash,
            "prompt": prompt,
        }

    def template(self, source: str) -> Template:
        """A prompt that was sent, checked for the data.

        Raises:
            RefusedRequest: if the model reads no prompts.
            TemplateError: if it cannot be read, or the data lack what it needs.
        """
        if not self.run.model().reads_prompts:
            raise RefusedRequest(
                422,
                N_("The model {model} reads no prompts. Leave the prompt out."),
                model=self.run.config.model,
            )
        known = Verbaliser(self.run.dataset()).values(0) if source not in self._templates else {}
        return _kept(self._templates, source, lambda: usable(Template.parse(source), known))

    def allowed(self, filters: Filters) -> np.ndarray | None:
        """The items that pass some filters, (n_items,) bool; None where all do.

        Raises:
            RefusedRequest: if the items have no such attribute.
        """
        if not filters:
            return None
        for name, _values in filters:
            if name not in self.data.item_attributes:
                raise RefusedRequest(
                    422,
                    N_("The items have no attribute {attribute}. They have: {known}."),
                    attribute=name,
                    known=listed(self.data.item_attributes, _NAMED) or "–",
                )
        return _kept(self._masks, filters, lambda: allowed_items(self.data, dict(filters)))

    def items(self, ids: Sequence[str]) -> np.ndarray:
        """The positions of items, (n,).

        Raises:
            RefusedRequest: if one is unknown.
        """
        positions = self.data.items.positions(ids)
        if (positions < 0).any():
            raise RefusedRequest(
                422,
                N_('There is no item "{item}" in the data.'),
                item=ids[int(np.argmax(positions < 0))],
            )
        return positions

    def check_rating(self, rating: float | None) -> None:
        """Raise `RefusedRequest` if a rating is not on the scale of the data."""
        if rating is None:
            return
        given = self.data.rating
        if given is None or np.isnan(given).all():
            raise RefusedRequest(422, N_("The data has no ratings. Leave them out."))
        low, high = float(np.nanmin(given)), float(np.nanmax(given))
        if not low <= rating <= high:
            raise RefusedRequest(
                422,
                N_("The rating {rating} is not on the scale of the data, {low} to {high}."),
                rating=f"{rating:g}",
                low=f"{low:g}",
                high=f"{high:g}",
            )


def filters_of(wanted: Mapping[str, Sequence[str]]) -> Filters:
    """Filters as a key: equal ones are equal in whatever order they were sent."""
    return tuple(sorted((name, tuple(sorted(set(values)))) for name, values in wanted.items()))


def _kept(cache: OrderedDict[Any, _T], key: Any, make: Callable[[], _T]) -> _T:
    """What a cache has, or makes and keeps; the oldest goes first."""
    if key not in cache:
        cache[key] = make()
        while len(cache) > _KEPT:
            cache.popitem(last=False)
    return cache[key]
