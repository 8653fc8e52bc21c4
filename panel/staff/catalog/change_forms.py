"""What can be changed about many services at once, and what each change asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.catalog import Bulk, bulk
from orders.models import Category


class ShelfForm(forms.Form):
    """The shelf that they go to: one that is there, or a new one."""

    category = forms.ModelChoiceField(
        Category.objects.order_by("position", "name"),
        empty_label=_("Choose a category"),
        help_text=_("They stand last there; put them in order afterwards."),
    )


class NameForm(forms.Form):
    """A replacement within the names."""

    find = forms.CharField(
        max_length=200, strip=False, label=_("Replace"), help_text=_("Capitals count.")
    )
    replace = forms.CharField(
        max_length=200,
        strip=False,
        required=False,
        label=pgettext_lazy("replaced by", "By"),
        help_text=_("Empty takes it away."),
    )


class WordsForm(forms.Form):
    """One description for all of them."""

    description = forms.CharField(
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It takes the place of what each has now; empty takes it away."),
    )


class RefillForm(forms.Form):
    """The days in which a refill may be asked for."""

    days = forms.IntegerField(
        min_value=1,
        max_value=3650,
        required=False,
        label=_("Days after completion"),
        help_text=_("Empty: what the provider says of each."),
    )


Make = Callable[[dict[str, Any], str, datetime], Bulk]


@dataclass(frozen=True)
class Kind:
    """One thing to change. `make` takes the form's data, the reason and the moment."""

    slug: str
    label: str | Promise
    icon: str
    what_happens: str | Promise
    make: Make
    form: type[forms.Form] = forms.Form
    needs_reason: bool = False


KINDS = (
    Kind(
        "category",
        _("Category"),
        "folder-open",
        _(
            "They move to another shelf of the shop. Rules and floors of that category hold from "
            "then on, so prices may move with them."
        ),
        lambda said, reason, now: bulk.shelved(said["category"]),
        ShelfForm,
    ),
    Kind(
        "name",
        _("Names"),
        "pencil",
        _("A piece of the names is replaced. Names that you changed do not follow the provider's."),
        lambda said, reason, now: bulk.renamed(said["find"], said["replace"]),
        NameForm,
    ),
    Kind(
        "description",
        _("Description"),
        "file-text",
        _("Customers read it on the service's card and in the API."),
        lambda said, reason, now: bulk.described(said["description"]),
        WordsForm,
    ),
    Kind(
        "refill",
        _("Refill window"),
        "refresh-cw",
        _("How long after completion a refill may be asked for, for orders placed before, too."),
        lambda said, reason, now: bulk.refilled(said["days"]),
        RefillForm,
    ),
    Kind(
        "refill-named",
        _("Refill window by name"),
        "refresh-cw",
        _(
            "What a name promises (R30, 30 days refill) becomes the window in which a refill may "
            "be asked for. Those whose window is known, or whose name tells nothing or two things, "
            "stay."
        ),
        lambda said, reason, now: bulk.refilled_as_named(),
    ),
    Kind(
        "show",
        _("Put on sale"),
        "eye",
        _("They can be found and ordered by everybody; types that cannot be ordered stay hidden."),
        lambda said, reason, now: bulk.shown(),
    ),
    Kind(
        "hide",
        _("Hide"),
        "eye-off",
        _("They leave the shop, the API and the search of new orders. Orders under way go on."),
        lambda said, reason, now: bulk.hidden(),
    ),
    Kind(
        "pause",
        _("Pause"),
        "circle-pause",
        _("Nobody can order them until somebody resumes them, and orders that wait stay waiting."),
        lambda said, reason, now: bulk.paused(reason, now),
        needs_reason=True,
    ),
    Kind(
        "resume",
        _("Resume"),
        "circle-play",
        _("What people paused is sold again. Pauses by the machinery stay: decide those."),
        lambda said, reason, now: bulk.resumed(now),
    ),
)
BY_SLUG = {kind.slug: kind for kind in KINDS}
