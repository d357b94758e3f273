"""Parts of the Grid page."""
