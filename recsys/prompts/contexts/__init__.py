"""A template read for many users and cutoffs at once: its pieces as arrays."""
