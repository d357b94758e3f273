"""Files that processes share: written whole, read with checks, thrown away and brought back."""
