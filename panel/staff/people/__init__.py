"""Who works here: adding members, what they may, switching them off."""
