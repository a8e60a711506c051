"""Facts about programs: pure functions from a program to what is true of it."""
