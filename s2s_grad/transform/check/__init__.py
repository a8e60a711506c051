"""The check of a derivative against the function that it belongs to."""
