"""Screenshots in 256 colours: what a page needs, in a third of the bytes.

Only what a browser writes is read: eight bits a channel, not interlaced.
"""

import zlib
from collections import Counter
from collections.abc import Iterator

Colour = tuple[int, ...]
MOST = 256


def reduced(png: bytes) -> bytes:
    """The same picture with the colours that are used most; any other becomes the nearest."""
    chunks = list(_chunks(png))
    head = dict(chunks)[b"IHDR"]
    width = int.from_bytes(head[:4])
    samples = {2: 3, 6: 4}[head[9]]
    packed = b"".join(body for name, body in chunks if name == b"IDAT")
    rows = list(_rows(zlib.decompress(packed), width * samples, samples))
    used = Counter(colour for row in rows for colour in _colours(row, samples))
    palette = [colour for colour, _ in used.most_common(MOST)]
    place = {colour: _nearest(colour, palette) for colour in used}
    lines = (bytes(place[each] for each in _colours(row, samples)) for row in rows)
    return png[:8] + b"".join(
        _chunk(name, body)
        for name, body in (
            (b"IHDR", head[:9] + b"\x03" + head[10:]),
            (b"PLTE", bytes(value for colour in palette for value in colour)),
            (b"IDAT", zlib.compress(b"".join(b"\x00" + line for line in lines), 9)),
            (b"IEND", b""),
        )
    )


def _colours(row: bytearray, samples: int) -> Iterator[Colour]:
    return zip(row[0::samples], row[1::samples], row[2::samples], strict=True)


def _nearest(colour: Colour, palette: list[Colour]) -> int:
    def distance(place: int) -> int:
        return sum((one - other) ** 2 for one, other in zip(colour, palette[place], strict=True))

    return min(range(len(palette)), key=distance)


def _rows(data: bytes, length: int, step: int) -> Iterator[bytearray]:
    """The lines of samples, with the filters of the format undone."""
    above = bytearray(length)
    for start in range(0, len(data), length + 1):
        line = bytearray(data[start + 1 : start + 1 + length])
        _undo(data[start], line, above, step)
        yield line
        above = line


def _undo(kind: int, line: bytearray, above: bytearray, step: int) -> None:
    for place in range(len(line)):
        left = line[place - step] if place >= step else 0
        corner = above[place - step] if place >= step else 0
        guess = (0, left, above[place], (left + above[place]) // 2)
        added = guess[kind] if kind < 4 else _paeth(left, above[place], corner)
        line[place] = (line[place] + added) & 255


def _paeth(left: int, above: int, corner: int) -> int:
    by_left, by_above = abs(above - corner), abs(left - corner)
    by_corner = abs(left + above - 2 * corner)
    if by_left <= by_above and by_left <= by_corner:
        return left
    return above if by_above <= by_corner else corner


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 8
    while place < len(png):
        length = int.from_bytes(png[place : place + 4])
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += 12 + length


def _chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)
