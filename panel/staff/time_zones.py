"""The time zones that people choose among."""

from zoneinfo import available_timezones

REGIONS = {
    *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia"),
    *("Europe", "Indian", "Pacific"),
}
"""Where time zones that people live in are named after; the others are aliases."""


def zone_choices(acting: str) -> list[tuple[str, str]]:
    """Each zone with its words, and the one that acts whatever it is called."""
    zones = sorted(zone for zone in available_timezones() if zone.split("/")[0] in REGIONS)
    known = dict.fromkeys(["UTC", *zones, acting])
    return [(zone, zone.replace("_", " ")) for zone in known]
