"""A trained run as a service over HTTP: lists, what people just did, and new items."""
