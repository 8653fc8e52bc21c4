"""Catalog control: what readings brought, and many services changed, bought elsewhere, ordered."""
