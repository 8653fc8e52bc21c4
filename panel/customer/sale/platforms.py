"""Pictures and example links, as far as the name of a service or category tells its site."""

from orders import platforms

ICONS = {
    "Instagram": "camera",
    "TikTok": "music-2",
    "YouTube": "play",
    "Facebook": "users",
    "Telegram": "send",
    "Spotify": "headphones",
    "SoundCloud": "headphones",
    "Twitch": "radio",
    "Kick": "radio",
    "X (Twitter)": "at-sign",
    "LinkedIn": "briefcase",
    "Threads": "at-sign",
    "Discord": "message-square",
    "Reddit": "message-square",
    "website": "globe",
}
OF_A_PROFILE = {"followers", "subscribers", "members", "fans", "listeners", "story", "channel"}
OF_A_POST = {
    *("likes", "views", "comments", "comment", "saves", "shares", "plays", "reposts", "upvotes"),
    *("reactions", "impressions", "hours", "replies", "votes"),
}


def icon_of(name: str) -> str:
    """The picture of a category."""
    platform = platforms.named_in(name)
    return ICONS.get(platform.name, "layers") if platform else "layers"


def example_of(name: str, category: str) -> str:
    """A link of the kind that this service takes; "" where its name does not tell."""
    words = platforms.words_of(name)
    platform = platforms.named_in(name) or (
        None if "&" in category else platforms.named_in(category)
    )
    if platform is None:
        return ""
    if words & OF_A_PROFILE:
        return platform.profile
    return platform.post if words & OF_A_POST else ""
