"""What a change would do, in the words and figures of the side panel."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders import rules
from orders.models import Staff
from orders.people import Person
from orders.rules import BoundChange, Fate, MarkupChange, TermsChange
from panel.display import count
from panel.staff.pricing.histogram import Histogram, histogram
from panel.staff.pricing.rows import percent_words, said_words

MOST_NAMED = 3


@dataclass(frozen=True)
class Fact:
    """A line of the list: before it is told only where it differs."""

    label: str
    value: str
    before: str = ""


class PreviewBox:
    """A preview, for a person who may save it or not."""

    def __init__(self, preview: rules.Preview, who: Person):
        self.preview, self._who = preview, who

    @property
    def fingerprint(self) -> str:
        return self.preview.fingerprint

    @property
    def refusal(self) -> str:
        """Why this person cannot save it."""
        if self.preview.owner_only and not self._who.is_owner:
            return self.preview.owner_only
        return ""

    @property
    def can_save(self) -> bool:
        return not self.refusal and not self.preview.is_idle

    @property
    def button(self) -> str:
        """What the one primary button does."""
        moved = self.preview.moved
        if moved:
            words = ngettext("Change %(count)s price", "Change %(count)s prices", moved)
            return words % {"count": count(moved)}
        if reached := self.preview.clients:
            words = ngettext(
                "Change prices of %(count)s client", "Change prices of %(count)s clients", reached
            )
            return words % {"count": count(reached)}
        return _("Save the rule") if len(self.preview.changes) == 1 else _("Save the rules")

    @property
    def was(self) -> str:
        """What stands there now: "was 35 %"."""
        stood = {self._stood_words(place) for place in self.preview.stood}
        return stood.pop() if len(stood) == 1 else _("was different")

    @property
    def services(self) -> int:
        """Over how many services it was worked out."""
        return len(self.preview.lines)

    @property
    def margins(self) -> tuple[Decimal | None, Decimal | None]:
        return self.preview.margin_before, self.preview.margin_after

    @property
    def tone(self) -> str:
        before, after = self.margins
        if before is None or after is None or before == after:
            return ""
        return "green" if after > before else "red"

    @cached_property
    def picture(self) -> Histogram:
        sides = (line.after or line.before for line in self.preview.lines)
        floors = Counter(side.floor for side in sides if side is not None)
        floor = floors.most_common(1)[0][0] if floors else None
        return histogram(*self.preview.margins, floor)

    @property
    def facts(self) -> list[Fact]:
        seen, by = self.preview, self.preview.counts
        below = (len(seen.below_before), len(seen.below_after))
        found = [
            Fact(_("Prices that rise"), count(by[Fate.RISES])),
            Fact(_("Prices that fall"), count(by[Fate.FALLS])),
            Fact(_("New prices"), count(by[Fate.NEW])),
            Fact(_("Without a price then"), count(by[Fate.LOST])),
            Fact(self._same_words, count(by[Fate.SAME] - seen.kept_by_floor)),
            Fact(_("Kept by the floor"), count(seen.kept_by_floor)),
            Fact(_("Held by a more specific rule"), count(by[Fate.HELD])),
        ]
        shown = [fact for fact in found if fact.value != "0"]
        if any(below):
            before = count(below[0]) if below[0] != below[1] else ""
            shown.append(Fact(_("Below the floor"), count(below[1]), before))
        shown.append(Fact(_("Clients who pay other prices"), count(seen.clients)))
        shown.append(Fact(_("Open orders"), _("keep their price")))
        return shown

    @property
    def agreed(self) -> str:
        """Whose agreed prices move, in a sentence; "" when nobody's do."""
        number = len(self.preview.reach.agreed)
        if not number or self.preview.changes[0].scope.customer is not None:
            return ""
        names = self.preview.reach.names()[:MOST_NAMED]
        said = {"count": count(number), "names": ", ".join(names)}
        if number > len(names):
            said["more"] = count(number - len(names))
            words = ngettext(
                "Agreed prices of %(count)s client moves: %(names)s and %(more)s more.",
                "Agreed prices of %(count)s clients move: %(names)s and %(more)s more.",
                number,
            )
            return words % said
        words = ngettext(
            "Agreed prices of %(count)s client moves: %(names)s.",
            "Agreed prices of %(count)s clients move: %(names)s.",
            number,
        )
        return words % said

    @property
    def members(self) -> list[str]:
        """Members whose own prices move."""
        reached = self.preview.reach.members
        names = dict(
            Staff.objects.filter(pk__in=[member.staff for member in reached]).values_list(
                "pk", "user__name"
            )
        )
        return [f"{names.get(each.staff, '')}: {_clients(each.clients)}" for each in reached]

    @property
    def pausing(self) -> str:
        """What would be taken off sale."""
        return _numbered(self.preview.pausing)

    @property
    def releasing(self) -> str:
        return _numbered(self.preview.releasing)

    @property
    def accepting(self) -> int:
        """How many services' costs are accepted along with it."""
        return len(self.preview.accepting)

    @property
    def still_below(self) -> str:
        """What stays below the floor, because a rule of its own says so."""
        held = {line.service for line in self.preview.lines if line.fate is Fate.HELD}
        return _numbered(tuple(n for n in self.preview.below_after if n in held))

    @property
    def _same_words(self) -> str:
        if isinstance(self.preview.changes[0], MarkupChange):
            return _("Stay the same by rounding")
        return _("Stay the same")

    def _stood_words(self, stood: object) -> str:
        change = self.preview.changes[0]
        if isinstance(change, TermsChange):
            return ""
        if stood is None:
            return _("none yet")
        if isinstance(change, BoundChange):
            ends = (stood.floor, stood.ceiling)  # type: ignore[attr-defined]
            words = [_("none") if end is None else percent_words(end) for end in ends]
            return _("was %(floor)s to %(ceiling)s") % {"floor": words[0], "ceiling": words[1]}
        said = said_words(stood.kind, stood.value)  # type: ignore[attr-defined]
        return _("was %(markup)s") % {"markup": said}


def _clients(number: int) -> str:
    words = ngettext("%(count)s client", "%(count)s clients", number)
    return words % {"count": count(number)}


def _numbered(services: tuple[int, ...]) -> str:
    """ "2125 and 2150", "12, 13, 14 and 9 more"."""
    named = [str(number) for number in services[:MOST_NAMED]]
    if (more := len(services) - len(named)) > 0:
        said = {"numbers": ", ".join(named), "count": count(more)}
        return _("%(numbers)s and %(count)s more") % said
    if len(named) < 2:
        return "".join(named)
    return _("%(numbers)s and %(last)s") % {"numbers": ", ".join(named[:-1]), "last": named[-1]}
