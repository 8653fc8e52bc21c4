from datetime import datetime
from typing import Any

from orders import first_run
from orders.management.operator import OperatorCommand


class Command(OperatorCommand):
    help = "Show the code with which the first owner sets the panel up, while there is none."

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        if not first_run.awaits_owner():
            raise first_run.OwnerThere
        code = first_run.setup_code()
        return f"Open /setup/ and type the set-up code {code}", {"code": code}
