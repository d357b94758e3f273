"""Tables that programs print and log, each in its own layout."""
