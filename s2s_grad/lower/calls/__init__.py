"""Calls: of functions of the user, of NumPy, of the standard library."""
