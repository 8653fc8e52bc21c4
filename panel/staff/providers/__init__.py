"""Upstream accounts: adding and changing them, their readings and their switches."""
