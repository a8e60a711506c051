"""Statements and expressions, each by its handler."""
