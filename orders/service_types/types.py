"""The table of service types (protocol: "`add` by service type")."""

import re
from functools import cache, lru_cache

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.service_types.declaration import Field, ServiceType
from orders.service_types.subscription import SUBSCRIPTION

LINK = Field(
    "link",
    _("Link"),
    "link",
    hint=_("The public profile, post or page."),
    example="https://example.com/your-post",
)
SITE = Field(
    "link",
    _("Link"),
    "link",
    hint=_("The page that visitors come to."),
    is_site=True,
    example="https://example.com/your-page",
)
QUANTITY = Field("quantity", _("Quantity"), "quantity")
COMMENTS = Field(
    "comments",
    _("Comments"),
    "lines",
    hint=_("One comment per line."),
    unit=_("comments"),
    example="Great number {0}",
)
USERNAMES = Field(
    "usernames",
    _("Usernames"),
    "lines",
    hint=_("One username per line."),
    unit=_("usernames"),
    example="name{0}",
)
COMMENT_OWNER = Field(
    "username",
    _("Username"),
    "text",
    hint=_("Whose comment it is."),
    example="yourname",
)
RUNS = Field("runs", _("Runs"), "number", required=False, unit=_("runs"), most=1000, drip=True)
INTERVAL = Field(
    "interval",
    _("Every"),
    "number",
    required=False,
    unit=_("minutes"),
    most=100_000,
    drip=True,
)

WEB_TRAFFIC = (
    SITE,
    QUANTITY,
    Field(
        "country",
        _("Country"),
        "text",
        hint=_("The country's code, WW for the whole world."),
        example="WW",
    ),
    Field(
        "device",
        _("Device"),
        "choice",
        choices=(
            ("1", _("Desktop")),
            ("2", _("Android")),
            ("3", "iOS"),
            ("4", _("Mixed mobile")),
            ("5", _("Mixed mobile and desktop")),
        ),
    ),
    Field(
        "type_of_traffic",
        _("Type of traffic"),
        "choice",
        choices=(
            ("1", _("Google keyword")),
            ("2", _("Custom referrer")),
            ("3", _("Blank referrer")),
        ),
    ),
    Field(
        "google_keyword",
        _("Google keyword"),
        "text",
        required=False,
        required_if=("type_of_traffic", "1"),
        example="running shoes",
    ),
    Field(
        "referring_url",
        _("Referring address"),
        "url",
        required=False,
        required_if=("type_of_traffic", "2"),
        example="https://example.com/",
    ),
    RUNS,
    INTERVAL,
)

ALL: list[ServiceType] = [
    ServiceType("default", "Default", (LINK, QUANTITY, RUNS, INTERVAL)),
    ServiceType("package", "Package", (LINK,), counts="", package=True),
    ServiceType(
        "seo",
        "SEO",
        (
            SITE,
            QUANTITY,
            Field(
                "keywords",
                _("Keywords"),
                "lines",
                hint=_("One keyword per line."),
                unit=_("keywords"),
                example="keyword {0}",
            ),
        ),
    ),
    ServiceType("custom_comments", "Custom Comments", (LINK, COMMENTS), counts="comments"),
    ServiceType(
        "custom_comments_package",
        "Custom Comments Package",
        (LINK, COMMENTS),
        counts="",
        package=True,
    ),
    ServiceType("mentions", "Mentions", (LINK, QUANTITY, USERNAMES)),
    ServiceType(
        "mentions_with_hashtags",
        "Mentions with Hashtags",
        (
            LINK,
            QUANTITY,
            USERNAMES,
            Field(
                "hashtags",
                _("Hashtags"),
                "lines",
                hint=_("One hashtag per line."),
                unit=_("hashtags"),
                example="#tag{0}",
            ),
        ),
    ),
    ServiceType(
        "mentions_custom_list",
        "Mentions Custom List",
        (LINK, USERNAMES),
        counts="usernames",
    ),
    ServiceType(
        "mentions_hashtag",
        "Mentions Hashtag",
        (
            LINK,
            QUANTITY,
            Field(
                "hashtag",
                _("Hashtag"),
                "text",
                hint=_("Its users are mentioned."),
                example="#summer",
            ),
        ),
    ),
    ServiceType(
        "mentions_user_followers",
        "Mentions User Followers",
        (
            LINK,
            QUANTITY,
            Field(
                "username",
                _("Username"),
                "text",
                hint=_("Whose followers are mentioned."),
                example="yourname",
            ),
        ),
    ),
    ServiceType(
        "mentions_media_likers",
        "Mentions Media Likers",
        (
            LINK,
            QUANTITY,
            Field(
                "media",
                _("Media link"),
                "url",
                hint=_("The post whose likers are mentioned."),
                example="https://example.com/their-post",
            ),
        ),
    ),
    ServiceType("comment_likes", "Comment Likes", (LINK, QUANTITY, COMMENT_OWNER)),
    ServiceType(
        "comment_replies",
        "Comment Replies",
        (LINK, COMMENT_OWNER, COMMENTS),
        counts="comments",
    ),
    ServiceType(
        "poll",
        "Poll",
        (
            LINK,
            QUANTITY,
            Field(
                "answer_number",
                _("Answer number"),
                "number",
                least=0,
                hint=_("Which answer is voted for, as the poll counts them."),
                example="1",
            ),
        ),
    ),
    ServiceType(
        "invites_from_groups",
        "Invites from Groups",
        (
            LINK,
            QUANTITY,
            Field(
                "groups",
                _("Groups"),
                "lines",
                hint=_("One group per line."),
                unit=_("groups"),
                example="https://example.com/group{0}",
            ),
        ),
    ),
    ServiceType(
        "subscriptions",
        "Subscriptions",
        SUBSCRIPTION,
        counts="max",
        least="min",
        posts=("posts", "old_posts"),
    ),
    ServiceType("web_traffic", "Web Traffic", WEB_TRAFFIC),
]
"""The whole table. A type that is added here is sold, checked, counted, sent and documented."""


def find(name: str) -> ServiceType | None:
    """The type that an upstream name means, however it is spelled; unknown names give None.

    An unknown type is never taken for Default: what it needs, and what it bills, is not known.
    """
    return by_key().get(_key(name))


def by_slug(slug: str) -> ServiceType:
    """The type of that slug. Raises `KeyError`."""
    return by_slugs()[slug]


def field_names() -> set[str]:
    """The parameters of all types together."""
    return {field.name for kind in ALL for field in kind.fields}


def why_not_orderable(name: str) -> str:
    """Why services of this upstream type cannot be ordered; "" when they can."""
    service_type = find(name)
    if service_type is None:
        return gettext('This panel does not know the type "%(name)s".') % {"name": name.strip()}
    return service_type.why_not


@lru_cache(maxsize=1024)  # a catalog says the same few names ten thousand times
def _key(name: str) -> str:
    """Names drift in case, blanks, underscores and plurals; this is what stays the same."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = re.split(r"[\s_\-]+", spaced.casefold())
    return "".join(_singular(word) for word in words if word)


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word.removesuffix("s")


@cache
def by_slugs() -> dict[str, ServiceType]:
    """The types by slug."""
    return {kind.slug: kind for kind in ALL}


@cache
def by_key() -> dict[str, ServiceType]:
    """The types by what stays the same of their names and slugs."""
    return {_key(name): kind for kind in ALL for name in (kind.slug, kind.name)}
