"""What names and values are while a function is lowered."""
