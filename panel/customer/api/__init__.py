"""The page on the API: keys, limits, and the reference with examples that can be copied."""
