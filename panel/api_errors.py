"""The texts with which the API says no, and when: those of API v2, which clients compare.

They are never reworded; what pages say about the same is on the pages.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

INVALID_KEY = "Invalid API key"
SUSPENDED = "Account suspended"
RATE_LIMIT = "Rate limit exceeded"
REQUEST = "Incorrect request"
ORDER = "Incorrect order ID"
REFILL = "Refill not found"
SERVICE = "Incorrect service ID"
SERVICE_OFF = "Disabled service ID"
API_OFF = "API is disabled"
FUNDS = "Not enough funds on balance"
LINK = "neworder.error.link"
QUANTITY = "neworder.error.min_quantity"
COMMENTS = "neworder.error.comment"
FIELD = "neworder.error.{0}"
MISSING = "Missing required parameter"
LESS = "Quantity less than minimal {0}"
MORE = "Quantity more than maximum {0}"
MULTIPLE = "Quantity must be a multiple of {0}"
TWIN = "neworder.error.link_duplicate"
REFILL_OFF = "Refill is disabled for this service"
REFILL_OVER = "Refill days are over"
REFILL_ASKED = "The order was completed or refill was requested less than 24 hours ago"
NO_CANCEL = "Order can't be canceled"
CANCEL_ASKED = "Cancel already requested"
TOO_MANY = "Incorrect request: up to 100 IDs in one call"
KEY_REUSED = "Incorrect request: this request_id belongs to another order"
BROKEN = "Internal error, try again later"

MEANINGS: tuple[tuple[str, str | Promise], ...] = (
    (INVALID_KEY, _("No key, a wrong one, or one that was revoked.")),
    (SUSPENDED, _("Your account is blocked: no new orders. Those that are open go on.")),
    (RATE_LIMIT, _("Too many calls in this minute, or busy for a moment. Nothing was done.")),
    (REQUEST, _("No such action, one that writes sent by GET, or a body that cannot be read.")),
    (TOO_MANY, _("Ask in portions of a hundred.")),
    (SERVICE, _("There is no such service.")),
    (SERVICE_OFF, _("The service is not available right now.")),
    (API_OFF, _("Nothing is sold right now. Keep the order and send it later.")),
    (FUNDS, _("Your balance does not cover the price.")),
    (LINK, _("No link, or not one.")),
    (QUANTITY, _("No quantity, or not a whole number.")),
    (LESS.format(50), _("Below the service's minimum; of a list, its lines are counted.")),
    (MORE.format("10000"), _("Above the service's maximum.")),
    (MULTIPLE.format(10), _("The service is sold in steps.")),
    (COMMENTS, _("No comments, or some that cannot be sent.")),
    (FIELD.format("username"), _("That field is missing or wrong; likewise for others.")),
    (MISSING, _("Another field of this type of service is missing or wrong.")),
    (TWIN, _("The very same order came within 60 seconds, without a request_id.")),
    (KEY_REUSED, _("Use a new request_id for each order.")),
    (ORDER, _("No order of yours has this number.")),
    (REFILL, _("No refill of yours has this number.")),
    (REFILL_OFF, _("This service has no refill.")),
    (REFILL_OVER, _("The time for refills has ended.")),
    (REFILL_ASKED, _("The order is not completed yet, or a refill is under way.")),
    (NO_CANCEL, _("It has ended, or its service cannot be stopped.")),
    (CANCEL_ASKED, _("A cancel was requested before.")),
    (
        BROKEN,
        _("Our own failure. Repeat an add with the same request_id to learn whether it stands."),
    ),
)
"""Each text as clients get it, with what it means."""
