"""Long pieces of work, each in a folder of its own, done by a process of its own."""
