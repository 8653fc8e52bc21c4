"""Who is in the demo: the owner, two staff, clients with and without a sign-in."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from orders import members, panel_settings, people, rules
from orders.enums import MarkupKind, PriceLevel, SignUp
from orders.models import Customer, Staff

PASSWORD = "count-every-coin"


@dataclass(frozen=True)
class Cast:
    """The people, as rows."""

    owner: Staff
    mira: Staff
    tom: Staff
    clients: list[Customer]

    def logins(self) -> list[dict[str, str]]:
        """Who can sign in, for the demo's welcome."""
        rows = [("Owner", self.owner), ("Staff, 35 %", self.mira), ("Staff, 28 %", self.tom)]
        found = [{"who": who, "email": row.user.email} for who, row in rows]
        for client in self.clients:
            if client.user is not None:
                found.append({"who": "Customer", "email": client.user.email})
        return [login | {"password": PASSWORD} for login in found[:5]]


CLIENTS = [
    # name, handle, e-mail, phone, manager, signs in
    ("Atelier Nord", "ateliernord", "studio@ateliernord.example", "+47 22 41 07 30", "mira", True),
    ("Casa Verde", "casaverde.pt", "ola@casaverde.example", "+351 21 340 55 10", "tom", True),
    (
        "Bright Harbor",
        "bright_harbor",
        "team@brightharbor.example",
        "+1 207 555 0144",
        "mira",
        True,
    ),
    ("J. Okafor", "okafor_daily", "", "+234 803 555 0167", "mira", False),
    ("Li Wei", "liwei.music", "liwei@example.com", "", "tom", False),
    ("Café Sóller", "cafesoller", "", "+34 971 63 01 22", "tom", False),
    ("Marmara Travel", "marmaratravel", "info@marmara.example", "+90 212 555 0191", "mira", False),
    ("Studio Kranz", "studiokranz", "hallo@kranz.example", "+49 30 555 0123", "tom", False),
    ("Priya Raman", "priya.codes", "", "+91 98 5550 1234", "mira", False),
    ("Nordlys Band", "nordlysband", "book@nordlys.example", "", "mira", False),
    ("Olive & Oak", "oliveandoak", "", "+44 20 7946 0018", "tom", False),
    ("Delta Gym", "deltagym", "desk@deltagym.example", "+30 21 0555 0110", "tom", False),
]


def hire(now: datetime) -> tuple[Staff, Staff, Staff]:
    """The owner, Mira and Tom, with their own markups."""
    owner = members.add_staff(
        email="owner@halfpenny.example",
        name="Ada Lindqvist",
        password=PASSWORD,
        now=now,
        is_admin=True,
    )
    mira = members.add_staff(
        email="mira@halfpenny.example",
        name="Mira Kovač",
        password=PASSWORD,
        by=owner.user,
        now=now,
        sees_all_customers=True,
        sees_cost=True,
        decides_reviews=True,
    )
    tom = members.add_staff(
        email="tom@halfpenny.example", name="Tom Adeyemi", password=PASSWORD, by=owner.user, now=now
    )
    for member, percent in ((mira, "35"), (tom, "28")):
        rules.set_markup(
            PriceLevel.STAFF,
            MarkupKind.PERCENT,
            Decimal(percent),
            owner.user,
            now,
            "Agreed at the start",
            staff=member,
        )
    panel_settings.change(by=owner.user, now=now, sign_up=SignUp.OPEN)
    return owner, mira, tom


def invite(mira: Staff, tom: Staff, now: datetime) -> list[Customer]:
    """The clients, each with their manager."""
    managers = {"mira": mira, "tom": tom}
    return [
        people.add_customer(
            name=name,
            email=email,
            phone=phone,
            password=PASSWORD if signs_in else None,
            manager=managers[manager],
            by=managers[manager].user,
            now=now,
        )
        for name, _, email, phone, manager, signs_in in CLIENTS
    ]


def handle_of(client: Customer) -> str:
    """The name that a client goes by on the networks."""
    return next((handle for name, handle, *_ in CLIENTS if name == client.name), "halfpenny")
