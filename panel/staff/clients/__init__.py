"""Clients: finding, adding and changing them, their money and their statement."""
