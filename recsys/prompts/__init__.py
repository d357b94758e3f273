"""Prompt templates: the language, its lint, its library, and the words for the data."""

from recsys.prompts.filters import FILTERS
from recsys.prompts.fitting import Fitted, fit_tokens
from recsys.prompts.library import GENERIC_TEMPLATES, LIBRARY, load_template, template_source
from recsys.prompts.lint import Finding, lint, usable
from recsys.prompts.plan import Condition, Piece, Soft, Variable, Words
from recsys.prompts.render import RenderedPrompt, Segment
from recsys.prompts.template import Template
from recsys.prompts.verbalise import Verbaliser

__all__ = [
    "FILTERS",
    "GENERIC_TEMPLATES",
    "LIBRARY",
    "Condition",
    "Finding",
    "Fitted",
    "Piece",
    "RenderedPrompt",
    "Segment",
    "Soft",
    "Template",
    "Variable",
    "Verbaliser",
    "Words",
    "fit_tokens",
    "lint",
    "load_template",
    "template_source",
    "usable",
]
