"""Parts of the Benchmark page."""
