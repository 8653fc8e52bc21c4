from orders.enums import ImportKind
from orders.management.importing import ImportCommand


class Command(ImportCommand):
    help = (
        "Bring in services from another panel, under the numbers that they had there: columns our"
        " number, provider, upstream id, name, category, price."
    )
    kind = ImportKind.SERVICES
    FATES = {
        "added": "came in",
        "there": "were in already",
        "unlisted": "not listed by their provider",
        "wrong": "stay out",
        "changed": "stay out, changed meanwhile",
        "stopped": "stopped before their turn",
        "below_floor": "came in paused, below the floor",
        "moved": "unsold ones made room under another number",
        "hidden": "unsold twins hidden",
    }
