"""The story in five steps."""
