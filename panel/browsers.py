"""What a browser says that it is, in words. It may say what it likes: these are no proof."""

import re

from django.utils.translation import gettext as _

_BROWSERS = (
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"YaBrowser/", "Yandex Browser"),
    (r"Vivaldi/", "Vivaldi"),
    (r"(Firefox|FxiOS)/", "Firefox"),
    (r"(Chrome|CriOS|Chromium)/", "Chrome"),
    (r"Version/.*Safari/", "Safari"),
)
"""The narrower ones first: each of them names those below it, too."""

_SYSTEMS = (
    (r"Windows", "Windows"),
    (r"iPhone|iPod", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"CrOS", "ChromeOS"),
    (r"Macintosh|Mac OS", "macOS"),
    (r"Linux|X11", "Linux"),
)

LONGEST_SHOWN = 40


def words_of(user_agent: str) -> str:
    """Such as "Firefox on Windows"; of what is not known, the beginning of what it says."""
    browser, system = _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    if browser or system:
        return browser or _("A browser on %(system)s") % {"system": system}
    said = user_agent.strip()
    return said[:LONGEST_SHOWN] + "…" * (len(said) > LONGEST_SHOWN) or _("Unknown browser")


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in known if re.search(sign, user_agent)), "")
