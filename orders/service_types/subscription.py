"""The fields of a subscription: whose new posts are served, with how much, and until when."""

from orders.service_types.declaration import Field

DELAYS = (
    *(0, 5, 10, 15, 20, 30, 40, 50, 60, 90, 120, 150),
    *(180, 210, 240, 270, 300, 360, 420, 480, 540, 600),
)

MOST_POSTS = 1000
UNLIMITED = (
    "Say how many new posts it is for. Without an end nobody can tell what it will cost, so it is "
    "not sold."
)
FOLLOWED = Field(
    "username", "Username", "text", hint="Whose new posts it is for.", example="yourname"
)

SUBSCRIPTION = (
    FOLLOWED,
    Field("min", "Least per post", "quantity", hint="Each post gets a number between the two."),
    Field("max", "Most per post", "quantity", hint="Within the service's limits."),
    Field(
        "posts",
        "New posts",
        "number",
        most=MOST_POSTS,
        why_needed=UNLIMITED,
        hint="It ends after so many. Without a number it is refused.",
        example="10",
    ),
    Field(
        "old_posts",
        "Old posts",
        "number",
        required=False,
        least=0,
        most=MOST_POSTS,
        hint="The latest ones that are there already.",
    ),
    Field(
        "delay",
        "Delay",
        "choice",
        unit="minutes",
        hint="How long after a post its delivery begins.",
        choices=tuple((str(minutes), f"{minutes} minutes") for minutes in DELAYS),
    ),
    Field(
        "expiry",
        "Ends on",
        "date",
        required=False,
        hint="The last day, day/month/year. What is left then is paid back.",
    ),
)
