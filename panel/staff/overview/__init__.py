"""The first page: what needs a hand, how the day goes, what happens now."""
