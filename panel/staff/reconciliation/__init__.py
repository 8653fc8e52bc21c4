"""Comparing providers' balances with known charges: all of them, one by day, its top-ups."""
