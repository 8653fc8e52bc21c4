"""Which services a press is about: those that were ticked, or all that a list held."""

from collections.abc import Sequence

from django.http import QueryDict
from django.utils.translation import gettext as _

from orders.errors import Declined
from orders.models import Service
from orders.people import Person
from panel.display import count
from panel.drafting import number_in
from panel.staff.services.service_rows import Asked, joined


def chosen(query: QueryDict, who: Person, most: int) -> list[int]:
    """The numbers of the services, as the list or the page before named them.

    Raises `Declined` for none, and for more than `most`.
    """
    if query.get("scope") == "all":
        found = Asked.of(query, who).services(who).order_by("pk").values_list("pk", flat=True)
        numbers = list(found[: most + 1])
    else:
        said = query.get("ids", "").split(",") + query.getlist("service")
        numbers = sorted({number for text in said[: most + 2] if (number := number_in(text))})
    if not numbers:
        raise Declined(_("Nothing was chosen: tick services, or take all that fit."))
    if len(numbers) > most:
        raise Declined(
            _("At most %(most)s services at once; narrow the list first.") % {"most": count(most)}
        )
    return numbers


def services(numbers: Sequence[int]) -> list[Service]:
    """They with all that a row reads, by number. One query."""
    return list(joined(Service.objects.filter(pk__in=numbers)).order_by("pk"))


def written(numbers: Sequence[int]) -> str:
    """The numbers as one field of a form carries them."""
    return ",".join(str(number) for number in numbers)
