"""The only place that writes HTML; every word in it is escaped."""
