"""Does the ledger hold together? Reads every transfer, wallet and order; changes none of them."""

from orders.ledger_check.asking import MOST, Finding, check, trigger_findings
from orders.ledger_check.daily import checked, go_on, last

__all__ = ["MOST", "Finding", "check", "checked", "go_on", "last", "trigger_findings"]
