"""The first run of an empty panel, step by step."""
