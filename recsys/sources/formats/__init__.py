"""Workbooks, Parquet, JSON, SQL dumps, XML and HTML → tables."""
