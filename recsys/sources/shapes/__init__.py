"""Tables that are not one row an event → rows of events."""
