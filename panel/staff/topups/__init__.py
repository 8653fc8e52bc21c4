"""Top-ups that customers asked for, and the ways in which they pay."""
