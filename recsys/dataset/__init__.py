"""The clean data as values: `IdMap` and the frozen `Dataset`."""

from recsys.dataset.dataset import Dataset
from recsys.dataset.ids import IdMap
from recsys.dataset.tables import KNOWLEDGE_FILE, as_values, read_parquet

__all__ = ["KNOWLEDGE_FILE", "Dataset", "IdMap", "as_values", "read_parquet"]
