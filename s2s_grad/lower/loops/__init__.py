"""Loops, comprehensions and generators."""
