"""The prompt lab: versions of prompts, and what an edit does to the lists of everybody."""
