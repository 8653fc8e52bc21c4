"""What we sell: the list, one service, choosing what to sell, decisions of the catalog."""
