from datetime import datetime
from typing import Any

from orders import rounds
from orders.management.operator import OperatorCommand


class Command(OperatorCommand):
    help = "Run every periodic job once, in this process, whatever its pace."

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        said = rounds.run_once(now)
        return "; ".join(f"{job}: {result}" for job, result in said.items()), dict(said)
