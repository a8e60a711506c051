"""Branches, what holds after them, and expressions that are branches."""
