"""A template read for many users and moments at once: its pieces as numbers."""
