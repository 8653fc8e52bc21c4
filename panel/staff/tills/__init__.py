"""Cash: one's own till, those of the others, counting and confirming."""
