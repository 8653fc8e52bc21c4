"""A receipt on paper: a PDF of one line, for the proofs of payment."""

from orders.topups import Upload


def receipt(line: str) -> Upload:
    """A small page that says what was transferred. `line` is plain ASCII without brackets."""
    text = f"BT /F 16 Tf 24 96 Td (Transfer sent) Tj 0 -28 Td /F 12 Tf ({line}) Tj ET".encode()
    fonts = b"/Resources<</Font<</F 5 0 R>>>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 144]/Contents 4 0 R%b>>" % fonts
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page,
        b"<</Length %d>>stream\n%b\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj%b endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 6\n0000000000 65535 f \n"
    tail = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(content)
    return Upload(content + head + table + tail)
