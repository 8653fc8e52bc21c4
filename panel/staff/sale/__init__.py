"""New order: client, service, fields, a live quote, and the one press that places it."""
