"""The state of a lowering: it appends, remembers, refuses, and knows nobody who lowers syntax."""
