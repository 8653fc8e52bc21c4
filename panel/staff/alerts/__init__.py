"""Alerts: what is the matter and what was, who was told, and when an alarm sounds."""
