import json
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from orders import ledger_check
from orders.enums import AccountKind
from orders.management.operator import OperatorCommand
from orders.models import Account, Transfer


class Command(OperatorCommand):
    help = "Prove that wallets, orders and transfers agree and that nobody could change them."

    def run(self, now: datetime, **options: Any) -> tuple[str, dict[str, Any]]:
        found = ledger_check.check()
        ledger_check.checked(timezone.now(), found)
        findings = [str(finding) for finding in found]
        if findings:
            self._report(findings, as_json=options["json"])
            count = f"{len(findings)} finding{'s' * (len(findings) > 1)}"
            raise CommandError(f"The ledger does not hold together: {count}")
        wallets = Account.objects.filter(kind=AccountKind.WALLET).count()
        transfers = Transfer.objects.count()
        line = f"The ledger is clean: {wallets} wallets, {transfers} transfers"
        return line, {"clean": True, "wallets": wallets, "transfers": transfers}

    def _report(self, findings: list[str], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"clean": False, "findings": findings}))
            return
        for finding in findings:
            self.stderr.write(finding)
