"""Cells → numbers, times and ratings."""
