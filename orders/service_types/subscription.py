"""The fields of a subscription: whose new posts are served, with how much, and until when."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from orders.service_types.declaration import Field

DELAYS = (
    *(0, 5, 10, 15, 20, 30, 40, 50, 60, 90, 120, 150),
    *(180, 210, 240, 270, 300, 360, 420, 480, 540, 600),
)

MOST_POSTS = 1000
UNLIMITED = _(
    "Say how many new posts it is for. Without an end nobody can tell what "
    "it will cost, so it is not sold."
)
FOLLOWED = Field(
    "username",
    _("Username"),
    "text",
    hint=_("Whose new posts it is for."),
    example="yourname",
)

SUBSCRIPTION = (
    FOLLOWED,
    Field(
        "min",
        _("Least per post"),
        "quantity",
        hint=_("Each post gets a number between the two."),
    ),
    Field(
        "max",
        _("Most per post"),
        "quantity",
        hint=_("Within the service's limits."),
    ),
    Field(
        "posts",
        _("New posts"),
        "number",
        most=MOST_POSTS,
        why_needed=UNLIMITED,
        hint=_("It ends after so many. Without a number it is refused."),
        example="10",
    ),
    Field(
        "old_posts",
        _("Old posts"),
        "number",
        required=False,
        least=0,
        most=MOST_POSTS,
        hint=_("The latest ones that are there already."),
    ),
    Field(
        "delay",
        _("Delay"),
        "choice",
        unit=_("minutes"),
        hint=_("How long after a post its delivery begins."),
        choices=tuple(
            (str(minutes), format_lazy("{} {}", minutes, _("minutes"))) for minutes in DELAYS
        ),
    ),
    Field(
        "expiry",
        _("Ends on"),
        "date",
        required=False,
        hint=_("The last day, day/month/year. What is left then is paid back."),
    ),
)
