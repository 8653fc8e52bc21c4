"""The orders list, one order and what is done to it, alone or many at once."""
