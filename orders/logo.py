"""The logo: a small PNG, JPEG or WebP whose header is read by us. SVG is a program, and is refused.

It is kept as sent, never decoded here, and served with its type fixed and guessing forbidden.
"""

import hashlib
import struct
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import sql
from orders.editing import edit
from orders.errors import FieldErrors
from orders.models import Logo, Panel, User
from orders.persons import require_admin
from orders.spelling import count

MOST_BYTES = 512 * 1024
LEAST_SIDE, MOST_SIDE = 16, 2000
"""Pixels of a side."""

_TAKEN = gettext_lazy("A picture as PNG, JPEG or WebP, please; no SVG.")


def set_logo(content: bytes, *, by: User | None, now: datetime) -> Logo:
    """Put a picture in the place of the mark. Raises `FieldErrors` for "logo", or `NotAllowed`."""
    if by is not None:
        require_admin(by)
    kind = _checked(content)
    digest = hashlib.sha256(content).hexdigest()
    with sql.short_transaction():
        panel = Panel.objects.select_for_update(no_key=True).get(pk=1)
        Logo.objects.all().delete()
        row = Logo.objects.create(content_type=kind, content=content, digest=digest, set_at=now)
        edit(panel, {"logo_digest": digest}, action="panel.logo_set", by=by, now=now)
    return row


def forget_logo(*, by: User | None, now: datetime) -> None:
    """Show the panel's mark again. Raises `NotAllowed`."""
    if by is not None:
        require_admin(by)
    with sql.short_transaction():
        panel = Panel.objects.select_for_update(no_key=True).get(pk=1)
        Logo.objects.all().delete()
        edit(panel, {"logo_digest": ""}, action="panel.logo_forgotten", by=by, now=now)


def _checked(content: bytes) -> str:
    """The picture's type. Raises `FieldErrors`."""
    if len(content) > MOST_BYTES:
        raise _refused(
            _("At most %(most_bytes)s kB; send a smaller picture.")
            % {"most_bytes": MOST_BYTES // 1024}
        )
    try:
        kind, width, height = _measured(content)
    except (struct.error, IndexError) as error:
        raise _refused(str(_TAKEN)) from error
    if not (LEAST_SIDE <= width <= MOST_SIDE and LEAST_SIDE <= height <= MOST_SIDE):
        raise _refused(
            _("Each side has %(least_side)s to %(most_side)s pixels; a square is best.")
            % {"least_side": LEAST_SIDE, "most_side": count(MOST_SIDE)}
        )
    return kind


def _measured(content: bytes) -> tuple[str, int, int]:
    """Type, width and height, as the picture's own header says."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        if not content.rstrip(b"\0").endswith(b"IEND\xaeB`\x82"):
            raise _refused(_("This picture is not whole. Save it again."))
        return "image/png", *struct.unpack(">II", content[16:24])
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", *_jpeg(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        if struct.unpack("<I", content[4:8])[0] + 8 > len(content):
            raise _refused(_("This picture is not whole. Save it again."))
        return "image/webp", *_webp(content)
    raise _refused(str(_TAKEN))


def _jpeg(content: bytes) -> tuple[int, int]:
    """The size in the frame's header, past whatever stands before it."""
    at = 2
    while content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        at += 2 + length
    raise _refused(str(_TAKEN))


def _webp(content: bytes) -> tuple[int, int]:
    kind = content[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(content[at : at + 3], "little") for at in (24, 27))
        return width + 1, height + 1
    if kind == b"VP8L" and content[20] == 0x2F:
        (bits,) = struct.unpack("<I", content[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise _refused(str(_TAKEN))


def _refused(text: str) -> FieldErrors:
    return FieldErrors({"logo": text})
