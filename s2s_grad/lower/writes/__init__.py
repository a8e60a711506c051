"""Assignments, attributes and methods: all that may write."""
