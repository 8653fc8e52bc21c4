from orders.enums import ImportKind
from orders.management.importing import ImportCommand


class Command(ImportCommand):
    help = (
        "Bring in clients from another panel: columns email, name, phone, balance, markup, API key."
        " Keys go on working; only their hashes are kept."
    )
    kind = ImportKind.CUSTOMERS
    FATES = {
        "added": "came in",
        "joined": "added to clients who were here",
        "there": "were in already",
        "keys": "API keys go on working",
        "owing": "owe something",
        "wrong": "stay out",
        "changed": "stay out, changed meanwhile",
        "stopped": "stopped before their turn",
    }
