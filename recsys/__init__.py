"""Language-model recommenders that read prompts: data, prompts, models, training, evaluation."""

__version__ = "0.1.0"
