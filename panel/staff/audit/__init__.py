"""The audit trail, read by admins."""
