"""What a customer sends as proof of a payment: a small picture or PDF, told by its first bytes."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from orders.errors import FieldErrors

MOST_BYTES = 2 * 1024 * 1024

SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"%PDF-": "application/pdf",
}
"""How each kind that is taken begins. What a browser says it sends is not believed."""


@dataclass(frozen=True)
class Upload:
    """A file as it came."""

    content: bytes

    def content_type(self) -> str:
        """Its kind. Raises `FieldErrors` for one that is not taken, an empty or a large one."""
        if len(self.content) > MOST_BYTES:
            raise FieldErrors({"proof": _("At most 2 MB; send a smaller picture.")})
        for start, kind in SIGNATURES.items():
            if self.content.startswith(start):
                return kind
        raise FieldErrors({"proof": _("A picture (PNG, JPEG) or a PDF, please.")})
