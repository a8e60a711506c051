"""Containers, objects, iterators and their items."""
