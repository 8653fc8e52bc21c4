"""Everybody who places, pays, looks and presses during a run, and what came of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.aftercare import Aftercare, Call
from tests.chaos.approvals import Approver
from tests.chaos.counter import Counter
from tests.chaos.courier import Courier
from tests.chaos.facts import Facts
from tests.chaos.gateway import Gateway, Payment
from tests.chaos.merchant import Merchant
from tests.chaos.mischief import Outage
from tests.chaos.parcels import Packer
from tests.chaos.payers import PaidIn, Payer, payers
from tests.chaos.payments import CARD
from tests.chaos.plan import Plan
from tests.chaos.presses import Shop
from tests.chaos.programs import Program, programs
from tests.chaos.readings import Reader
from tests.chaos.staff import Shift
from tests.chaos.stage import Stage


class Crowd:
    """The desks, the counters, a packer of many orders, customers' programs, payers with their
    gateway, the telephone, and whoever sets the prices."""

    def __init__(self, plan: Plan, stage: Stage, gateway: Gateway, web: str):
        self.shop = Shop(stage, plan, web)
        self.reader = Reader(self.shop, web)
        self.courier = Courier(web, stage.ways[CARD].pk)
        self._counters = _counters(plan, self.shop, web)
        self._programs = programs(self.shop, web)
        self._payers = payers(
            self.shop, plan.deposits, gateway=gateway, courier=self.courier, web=web
        )
        self._packer = Packer(self.shop, plan, web)
        self._approver = Approver(self.shop, self._paid_in, web)
        self.merchant = Merchant(self.shop, plan.trades)
        self._aftercare = Aftercare(self.shop, web, plan.seed)

    @contextmanager
    def at_work(self, shift: Shift) -> Iterator[None]:
        """All of them, and somebody who decides, until this is left."""
        shift.start()
        try:
            self.shop.open()
            for thread in (*self._finite, *self._endless, self.courier, self._approver):
                thread.start()
            yield
        finally:
            self.shop.close()
            for thread in (*self._finite, *self._endless):
                if thread.ident is not None:
                    thread.join()
            shift.end()

    @property
    def is_busy(self) -> bool:
        """Whether somebody still has something to do, or waits for an answer."""
        return self.shop.is_busy or any(thread.is_alive() for thread in self._finite)

    def finish(self) -> None:
        """Bring all news, then decide what they leave to decide."""
        self.courier.close()
        self._approver.close()

    def facts(self, outages: list[Outage], calls: list[Call], payments: list[Payment]) -> Facts:
        """What all of them pressed and were told."""
        return Facts(
            presses=self.shop.presses,
            odd=self.shop.odd,
            sent=self._packer.sent,
            receipts=[receipt for counter in self._counters for receipt in counter.receipts],
            calls=self._aftercare.calls + calls,
            paid_in=self._paid_in(),
            rulings=self._approver.rulings,
            payments=payments,
            readings=self.reader.readings,
            looks=self.reader.looks,
            outages=outages,
        )

    @property
    def _finite(self) -> list[Counter | Program | Payer | Packer]:
        return [*self._counters, *self._programs, *self._payers, self._packer]

    @property
    def _endless(self) -> list[threading.Thread]:
        return [self._aftercare, self.reader, self.merchant]

    def _paid_in(self) -> list[PaidIn]:
        return [one for payer in self._payers for one in payer.paid_in]


def _counters(plan: Plan, shop: Shop, web: str) -> list[Counter]:
    """The errands, in turn for each person at the counter."""
    staff = shop.stage.counter
    return [
        Counter(shop, who, plan.errands[number :: len(staff)], web, plan.seed)
        for number, who in enumerate(staff)
    ]
