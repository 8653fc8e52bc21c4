"""The words and figures that the pretend catalog is made of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One thing on sale: rate per 1000 (or per package), limits, and its average minutes."""

    category: str
    name: str
    rate: str
    least: int
    most: int
    minutes: int
    link: str
    kind: str = "Default"
    package_size: int = 0
    type: str = ""


PROFILE, POST, VIDEO = "https://{site}/username", "https://{site}/p/Abc123", "https://{site}/v/1"
IG, TT, YT, FB, TW = "instagram.com", "tiktok.com/@username", "youtube.com", "facebook.com", "x.com"


def _items(category: str, site: str, *rows: tuple[str, str, int, int, int, str]) -> list[Item]:
    return [
        Item(category, name, rate, least, most, minutes, link.format(site=site))
        for name, rate, least, most, minutes, link in rows
    ]


DEFAULTS = [
    *_items(
        "Instagram Followers",
        IG,
        ("Instagram Followers", "0.92", 50, 100_000, 180, PROFILE),
        ("Instagram Followers, gradual", "1.35", 100, 50_000, 1440, PROFILE),
        ("Instagram Channel Members", "3.40", 20, 20_000, 300, PROFILE),
    ),
    *_items(
        "Instagram Likes & Views",
        IG,
        ("Instagram Likes", "0.18", 20, 200_000, 25, POST),
        ("Instagram Reels Views", "0.031", 100, 5_000_000, 12, POST),
        ("Instagram Story Views", "0.075", 20, 60_000, 15, PROFILE),
        ("Instagram Saves", "0.12", 20, 50_000, 20, POST),
        ("Instagram Shares", "0.16", 20, 50_000, 30, POST),
        ("Instagram Reach + Impressions", "0.088", 100, 1_000_000, 40, POST),
        ("Instagram Live Viewers, 30 minutes", "2.75", 50, 10_000, 35, PROFILE),
    ),
    *_items(
        "TikTok",
        TT,
        ("TikTok Views", "0.024", 100, 10_000_000, 8, VIDEO),
        ("TikTok Likes", "0.24", 20, 100_000, 30, VIDEO),
        ("TikTok Followers", "1.80", 50, 100_000, 240, "https://{site}"),
        ("TikTok Shares", "0.11", 50, 100_000, 20, VIDEO),
        ("TikTok Saves", "0.13", 20, 80_000, 20, VIDEO),
        ("TikTok Live Viewers, 60 minutes", "8.20", 20, 3_000, 65, "https://{site}"),
    ),
    *_items(
        "YouTube Views",
        YT,
        ("YouTube Views", "1.12", 500, 1_000_000, 720, VIDEO),
        ("YouTube Shorts Views", "0.96", 500, 1_000_000, 480, VIDEO),
        ("YouTube Watch Hours, 15+ minute video", "14.50", 100, 4_000, 2880, VIDEO),
        ("YouTube Live Viewers, 30 minutes", "3.60", 50, 10_000, 40, VIDEO),
        ("YouTube Views, ad traffic", "4.30", 1_000, 5_000_000, 1440, VIDEO),
    ),
    *_items(
        "YouTube Subscribers & Likes",
        YT,
        ("YouTube Subscribers", "9.40", 20, 20_000, 2160, PROFILE),
        ("YouTube Likes", "0.74", 20, 50_000, 90, VIDEO),
        ("YouTube Shares", "0.86", 100, 100_000, 180, VIDEO),
    ),
    *_items(
        "Facebook",
        FB,
        ("Facebook Page Followers", "1.05", 100, 100_000, 360, PROFILE),
        ("Facebook Page Likes + Followers", "1.90", 100, 50_000, 720, PROFILE),
        ("Facebook Post Likes", "0.62", 50, 50_000, 60, POST),
        ("Facebook Reels Views", "0.045", 100, 2_000_000, 30, VIDEO),
        ("Facebook Group Members", "1.40", 100, 50_000, 480, PROFILE),
    ),
    *_items(
        "X (Twitter)",
        TW,
        ("X Followers", "3.10", 50, 50_000, 480, PROFILE),
        ("X Likes", "1.45", 20, 20_000, 60, POST),
        ("X Reposts", "1.70", 20, 20_000, 60, POST),
        ("X Post Views", "0.022", 100, 5_000_000, 10, POST),
    ),
    *_items(
        "Telegram",
        "t.me",
        ("Telegram Channel Members", "0.68", 100, 200_000, 120, PROFILE),
        ("Telegram Post Views", "0.021", 50, 500_000, 6, POST),
        ("Telegram Reactions, positive mix", "0.085", 20, 100_000, 10, POST),
        ("Telegram Premium Members, 30 days", "22.40", 20, 10_000, 240, PROFILE),
    ),
    *_items(
        "Spotify & Music",
        "open.spotify.com",
        ("Spotify Plays", "0.42", 1_000, 10_000_000, 1440, VIDEO),
        ("Spotify Followers", "0.78", 50, 500_000, 360, PROFILE),
        ("Spotify Monthly Listeners", "1.25", 500, 500_000, 4320, PROFILE),
        ("SoundCloud Plays", "0.052", 100, 10_000_000, 120, VIDEO),
        ("Deezer Fans", "6.80", 20, 10_000, 1440, PROFILE),
    ),
    *_items(
        "Twitch & Live",
        "twitch.tv",
        ("Twitch Followers", "0.88", 50, 50_000, 180, PROFILE),
        ("Twitch Live Viewers, 60 minutes", "12.60", 20, 2_000, 65, PROFILE),
        ("Kick Followers", "1.95", 50, 20_000, 240, PROFILE),
        ("Kick Live Viewers, 60 minutes", "9.80", 20, 2_000, 65, PROFILE),
    ),
    *_items(
        "LinkedIn & Threads",
        "linkedin.com",
        ("LinkedIn Followers", "18.50", 50, 10_000, 1440, PROFILE),
        ("LinkedIn Post Likes", "14.20", 20, 5_000, 480, POST),
        ("Threads Followers", "4.60", 50, 20_000, 360, PROFILE),
        ("Threads Likes", "1.55", 20, 20_000, 60, POST),
    ),
    *_items(
        "Discord & Reddit",
        "discord.gg",
        ("Discord Server Members", "5.90", 50, 20_000, 720, PROFILE),
        ("Reddit Upvotes", "24.00", 10, 3_000, 120, POST),
        ("Pinterest Followers", "7.30", 20, 10_000, 720, PROFILE),
        ("Quora Followers", "9.10", 20, 10_000, 1440, PROFILE),
    ),
]

_IG_POST, _IG_PROFILE = POST.format(site=IG), PROFILE.format(site=IG)
_MENTIONS, _COMMENTS = "Instagram Comments & Mentions", "Instagram Comments & Mentions"
SPECIALS = [
    Item(_COMMENTS, "Instagram Comments, your own text", "8.40", 5, 1_500, 90, _IG_POST,
         "Custom Comments"),
    Item("YouTube Subscribers & Likes", "YouTube Comments, your own text", "16.50", 5, 500, 240,
         VIDEO.format(site=YT), "Custom Comments", type="custom_comments"),
    Item("TikTok", "TikTok Comments, your own text", "11.20", 5, 1_000, 120,
         VIDEO.format(site=TT), "Custom Comments"),
    Item(_COMMENTS, "Instagram Comments Package, your own text", "0.85", 1, 1, 60, _IG_POST,
         "Custom Comments Package", 20),
    Item(_COMMENTS, "Instagram Comment Likes", "0.64", 20, 5_000, 30, _IG_POST, "Comment Likes"),
    Item("YouTube Subscribers & Likes", "YouTube Comment Likes", "1.60", 20, 5_000, 60,
         VIDEO.format(site=YT), "Comment Likes"),
    Item(_COMMENTS, "Instagram Comment Replies", "9.90", 5, 500, 120, _IG_POST, "Comment Replies"),
    Item(_MENTIONS, "Instagram Mentions", "2.90", 100, 50_000, 360, _IG_PROFILE, "Mentions"),
    Item(_MENTIONS, "Instagram Mentions with Hashtags", "3.60", 100, 50_000, 480, _IG_PROFILE,
         "Mentions with Hashtags"),
    Item(_MENTIONS, "Instagram Mentions, your own list", "4.20", 100, 10_000, 480, _IG_PROFILE,
         "Mentions Custom List"),
    Item(_MENTIONS, "Instagram Mentions from a Hashtag", "3.20", 100, 50_000, 420, _IG_PROFILE,
         "Mentions Hashtag"),
    Item(_MENTIONS, "Instagram Mentions of a User's Followers", "3.40", 100, 50_000, 420,
         _IG_PROFILE, "Mentions User Followers", type="Mentions Users Followers"),
    Item(_MENTIONS, "Instagram Mentions of a Post's Likers", "3.30", 100, 50_000, 420, _IG_PROFILE,
         "Mentions Media Likers"),
    Item("Instagram Followers", "Instagram Starter Package, 1000 Followers", "1.49", 1, 1, 180,
         _IG_PROFILE, "Package", 1_000),
    Item("TikTok", "TikTok Trending Package, 25000 Views", "0.95", 1, 1, 45, VIDEO.format(site=TT),
         "Package", 25_000),
    Item("Spotify & Music", "Spotify Playlist Package, 10000 Plays", "5.90", 1, 1, 2880,
         VIDEO.format(site="open.spotify.com"), "Package", 10_000),
    Item("Telegram", "Telegram Poll Votes", "0.34", 20, 50_000, 20, POST.format(site="t.me"),
         "Poll"),
    Item("X (Twitter)", "X Poll Votes", "0.72", 20, 20_000, 30, POST.format(site=TW), "Poll"),
    Item("Facebook", "Facebook Group Invites", "6.10", 50, 5_000, 720, PROFILE.format(site=FB),
         "Invites from Groups"),
    Item("Instagram Likes & Views", "Instagram Auto Likes", "0.26", 20, 20_000, 30, _IG_PROFILE,
         "Subscriptions"),
    Item("Instagram Likes & Views", "Instagram Auto Views", "0.042", 100, 100_000, 20, _IG_PROFILE,
         "Subscriptions"),
    Item("Website Traffic & SEO", "Website Visitors", "0.38", 500, 1_000_000, 1440,
         "https://example.com", "Web Traffic"),
    Item("Website Traffic & SEO", "Website Visitors, mobile", "0.46", 500, 1_000_000, 1440,
         "https://example.com", "Web Traffic"),
    Item("Website Traffic & SEO", "SEO Backlinks", "42.00", 10, 5_000, 4320, "https://example.com",
         "SEO"),
    Item("Website Traffic & SEO", "SEO Social Signals", "2.60", 100, 50_000, 2880,
         "https://example.com", "SEO"),
    Item("Twitch & Live", "Live Stream Gifts", "38.00", 10, 1_000, 30,
         PROFILE.format(site="twitch.tv"), "Stream Gifts"),
]  # fmt: skip

# name, rate factor, time factor, days of refill (0: none)
QUALITIES = [
    ("HQ", 1.0, 1.0, 0),
    ("instant", 1.25, 0.4, 0),
    ("30 days refill", 1.6, 1.2, 30),
    ("economy", 0.62, 1.8, 0),
    ("real accounts", 2.3, 1.6, 0),
    ("no drop, 365 days refill", 2.9, 1.4, 365),
    ("slow and steady", 0.9, 4.0, 0),
    ("aged accounts, 60 days refill", 2.1, 1.3, 60),
]
COUNTRIES = (
    *("", "USA", "Germany", "Brazil", "India", "Türkiye", "United Kingdom", "France", "Italy"),
    *(
        "Spain",
        "Arab countries",
        "Indonesia",
        "Mexico",
        "Japan",
        "South Korea",
        "Poland",
        "Nigeria",
    ),
)
