"""A pretend provider that speaks API v2 over HTTP, for the demo and the tests.

It shares no code with the client and needs no Django: `python -m orders.upstream.simulator`.
"""
