"""Three weeks in the life of a small panel, made by the real verbs at past moments."""
