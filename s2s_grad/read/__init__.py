"""From a function object to the text of its definition, and to a tree of it."""
