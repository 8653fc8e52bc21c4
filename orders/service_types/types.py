"""The table of service types (protocol: "`add` by service type")."""

import re
from functools import cache

from orders.service_types.declaration import Field, ServiceType
from orders.service_types.subscription import SUBSCRIPTION

LINK = Field(
    "link",
    "Link",
    "link",
    hint="The public profile, post or page.",
    example="https://example.com/your-post",
)
SITE = Field(
    "link",
    "Link",
    "link",
    hint="The page that visitors come to.",
    is_site=True,
    example="https://example.com/your-page",
)
QUANTITY = Field("quantity", "Quantity", "quantity")
COMMENTS = Field(
    "comments",
    "Comments",
    "lines",
    hint="One comment per line.",
    unit="comments",
    example="Great number {0}",
)
USERNAMES = Field(
    "usernames",
    "Usernames",
    "lines",
    hint="One username per line.",
    unit="usernames",
    example="name{0}",
)
COMMENT_OWNER = Field(
    "username", "Username", "text", hint="Whose comment it is.", example="yourname"
)
RUNS = Field("runs", "Runs", "number", required=False, unit="runs", most=1000, drip=True)
INTERVAL = Field(
    "interval", "Every", "number", required=False, unit="minutes", most=100_000, drip=True
)

WEB_TRAFFIC = (
    SITE,
    QUANTITY,
    Field(
        "country",
        "Country",
        "text",
        hint="The country's code, WW for the whole world.",
        example="WW",
    ),
    Field(
        "device",
        "Device",
        "choice",
        choices=(
            ("1", "Desktop"),
            ("2", "Android"),
            ("3", "iOS"),
            ("4", "Mixed mobile"),
            ("5", "Mixed mobile and desktop"),
        ),
    ),
    Field(
        "type_of_traffic",
        "Type of traffic",
        "choice",
        choices=(
            ("1", "Google keyword"),
            ("2", "Custom referrer"),
            ("3", "Blank referrer"),
        ),
    ),
    Field(
        "google_keyword",
        "Google keyword",
        "text",
        required=False,
        required_if=("type_of_traffic", "1"),
        example="running shoes",
    ),
    Field(
        "referring_url",
        "Referring address",
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
                "Keywords",
                "lines",
                hint="One keyword per line.",
                unit="keywords",
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
                "Hashtags",
                "lines",
                hint="One hashtag per line.",
                unit="hashtags",
                example="#tag{0}",
            ),
        ),
    ),
    ServiceType(
        "mentions_custom_list", "Mentions Custom List", (LINK, USERNAMES), counts="usernames"
    ),
    ServiceType(
        "mentions_hashtag",
        "Mentions Hashtag",
        (
            LINK,
            QUANTITY,
            Field("hashtag", "Hashtag", "text", hint="Its users are mentioned.", example="#summer"),
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
                "Username",
                "text",
                hint="Whose followers are mentioned.",
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
                "Media link",
                "url",
                hint="The post whose likers are mentioned.",
                example="https://example.com/their-post",
            ),
        ),
    ),
    ServiceType("comment_likes", "Comment Likes", (LINK, QUANTITY, COMMENT_OWNER)),
    ServiceType(
        "comment_replies", "Comment Replies", (LINK, COMMENT_OWNER, COMMENTS), counts="comments"
    ),
    ServiceType(
        "poll",
        "Poll",
        (
            LINK,
            QUANTITY,
            Field(
                "answer_number",
                "Answer number",
                "number",
                least=0,
                hint="Which answer is voted for, as the poll counts them.",
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
                "Groups",
                "lines",
                hint="One group per line.",
                unit="groups",
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
        return f'This panel does not know the type "{name.strip()}".'
    return service_type.why_not


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
