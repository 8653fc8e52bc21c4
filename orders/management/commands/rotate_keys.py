from datetime import datetime
from typing import Any

from django.core.management.base import CommandError

from orders import resealing
from orders.management.operator import OperatorCommand


class Command(OperatorCommand):
    help = "Seal what FIELD_KEYS seals under its newest key, before an old one is taken out."

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        done = resealing.reseal_all()
        lost = {n: d for n, d in done.items() if d.unreadable and n not in resealing.CAN_DO_WITHOUT}
        if lost:
            said = ", ".join(f"{each.unreadable} of the {name}" for name, each in lost.items())
            raise CommandError(
                f"No known key opens {said}; the rest is sealed anew. Put the key that sealed them "
                "back into FIELD_KEYS, or type those secrets anew."
            )
        line = ", ".join(f"{each.count} {name}" for name, each in done.items()) + " sealed anew"
        kept = sum(each.unreadable for each in done.values())
        line += f"; {kept} tracking addresses cannot be copied any more" if kept else ""
        return line, {
            name.replace(" ", "_"): {"count": each.count, "unreadable": each.unreadable}
            for name, each in done.items()
        }
