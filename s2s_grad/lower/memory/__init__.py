"""Arrays and containers that are written to: what each is now, and who sees it."""
