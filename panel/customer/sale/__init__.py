"""New order: service, fields, a live price, and the one press that places it."""
