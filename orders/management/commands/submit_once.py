from datetime import datetime
from typing import Any

from orders import submission
from orders.management.operator import OperatorCommand


class Command(OperatorCommand):
    help = "Send every waiting order that may go now, once."

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        submission.expire_claims(now)
        sent = submission.submit_due(now)
        return f"Sent: {sent}", dict(sent.outcomes)
