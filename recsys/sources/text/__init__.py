"""Text → rows of cells: encodings, dialects, repairs of what was written badly."""
