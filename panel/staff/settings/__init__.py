"""The settings of the whole panel."""
