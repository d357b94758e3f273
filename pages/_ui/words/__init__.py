"""How numbers, metrics and gains are put into words."""
