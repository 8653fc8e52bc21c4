"""Many orders at once, for customers and for staff: one set of pages with two faces."""
