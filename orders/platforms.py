"""The sites that services are for: what they are called, and which addresses are theirs."""

from collections.abc import Set
from typing import NamedTuple

from django.utils.translation import gettext_noop


class Platform(NamedTuple):
    """A site. `words` name it in the name of a service or category, `hints` merely suggest it;
    `hosts` are its own, every subdomain included; without any, every address fits."""

    name: str
    words: frozenset[str]
    hosts: tuple[str, ...]
    profile: str = ""
    post: str = ""
    hints: frozenset[str] = frozenset()


def _platform(
    name: str, words: str, hosts: str, profile: str = "", post: str = "", hints: str = ""
) -> Platform:
    named, hinted = frozenset(words.split()), frozenset(hints.split())
    return Platform(name, named, tuple(hosts.split()), profile, post, hinted)


PLATFORMS = (
    _platform(
        "Instagram",
        "instagram insta ig",
        "instagram.com instagr.am ig.me",
        "https://instagram.com/yourname",
        "https://instagram.com/p/Abc123",
    ),
    _platform(
        "TikTok",
        "tiktok tt",
        "tiktok.com",
        "https://tiktok.com/@yourname",
        "https://tiktok.com/@yourname/video/71234",
    ),
    _platform(
        "YouTube",
        "youtube yt",
        "youtube.com youtu.be youtube-nocookie.com",
        "https://youtube.com/@yourname",
        "https://youtube.com/watch?v=Abc123",
    ),
    _platform(
        "Facebook",
        "facebook fb",
        "facebook.com fb.com fb.watch fb.me fb.gg",
        "https://facebook.com/yourpage",
        "https://facebook.com/yourpage/posts/123",
    ),
    _platform(
        "Telegram",
        "telegram tg",
        "t.me telegram.me telegram.dog telegram.org",
        "https://t.me/yourchannel",
        "https://t.me/yourchannel/12",
    ),
    _platform(
        "Spotify",
        "spotify",
        "spotify.com spotify.link spoti.fi",
        "https://open.spotify.com/artist/Abc123",
        "https://open.spotify.com/track/Abc123",
        hints="music",
    ),
    _platform("Twitch", "twitch", "twitch.tv", "https://twitch.tv/yourname"),
    _platform("Kick", "kick", "kick.com", "https://kick.com/yourname"),
    _platform(
        "X (Twitter)",
        "twitter",
        "x.com twitter.com",
        "https://x.com/yourname",
        "https://x.com/yourname/status/123",
        hints="x",
    ),
    _platform(
        "LinkedIn", "linkedin", "linkedin.com lnkd.in", "https://linkedin.com/company/yourname"
    ),
    _platform("Threads", "threads", "threads.net threads.com", "https://threads.net/@yourname"),
    _platform("Discord", "discord", "discord.gg discord.com discordapp.com"),
    _platform("Reddit", "reddit", "reddit.com redd.it"),
    _platform("SoundCloud", "soundcloud", "soundcloud.com"),
    _platform("Snapchat", "snapchat", "snapchat.com"),
    _platform("Pinterest", "pinterest", "pinterest.com pin.it"),
    _platform("WhatsApp", "whatsapp", "whatsapp.com wa.me"),
    _platform("VK", "vk vkontakte", "vk.com vk.ru vk.me"),
    _platform("Vimeo", "vimeo", "vimeo.com"),
    _platform(gettext_noop("website"), "website web traffic seo", "", "https://example.com"),
)


def named_in(text: str) -> Platform | None:
    """The site that a name speaks of, or suggests; None where it does not tell."""
    words = words_of(text)
    return next((one for one in PLATFORMS if words & (one.words | one.hints)), None)


def all_named_in(text: str) -> list[Platform]:
    """Every site that a name speaks of in so many words."""
    words = words_of(text)
    return [one for one in PLATFORMS if words & one.words]


def of_host(host: str) -> Platform | None:
    """The site that a host belongs to, itself or as a subdomain."""
    return next((one for one in PLATFORMS if any(is_within(host, own) for own in one.hosts)), None)


def is_within(host: str, domain: str) -> bool:
    """Whether the host is that domain or below it."""
    host = host.casefold().rstrip(".")
    return host == domain or host.endswith(f".{domain}")


def words_of(text: str) -> Set[str]:
    """The words of a name, without the signs about them."""
    parts = text.casefold().replace("/", " ").replace("|", " ").replace("+", " ").split()
    return {part.strip(".,:;()[]{}&-–—!🔥⭐️") for part in parts}
