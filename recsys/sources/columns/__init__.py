"""Which column means what, by its name and by its content."""
