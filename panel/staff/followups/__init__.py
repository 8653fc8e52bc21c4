"""What was asked of a provider after the sale: refills and cancel requests."""
