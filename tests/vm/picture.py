#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Looks at a screenshot: prints a digest of some of its rows, how many colours they have, and the one that is most of them.

usage: picture.py FILE.png [FIRST-ROW ROWS]
"""
import collections
import hashlib
import struct
import sys
import zlib


def rows(path):
    """The rows of a PNG as QEMU writes it: 8 bits, RGB or RGBA, not interlaced."""
    data = open(path, "rb").read()
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        at += size + 12
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            if depth != 8 or colour not in (2, 6) or interlaced:
                raise SystemExit(f"{path}: this kind of PNG is not known here")
        elif kind == b"IDAT":
            packed += body
    raw = zlib.decompress(packed)
    step = 3 if colour == 2 else 4
    size = width * step
    last = bytes(size)
    for y in range(height):
        rule, line = raw[y * (size + 1)], bytearray(raw[y * (size + 1) + 1:(y + 1) * (size + 1)])
        for x in range(size) if rule else ():
            left, up, corner = (line[x - step], last[x], last[x - step]) if x >= step else (0, last[x], 0)
            if rule == 4:
                guess = left + up - corner
                line[x] = line[x] + min((left, up, corner), key=lambda c: abs(guess - c)) & 255
            else:
                line[x] = line[x] + (left, up, left + up >> 1)[rule - 1] & 255
        last = bytes(line)
        yield [last[x:x + 3] for x in range(0, size, step)]


def main(path, first=0, count=None):
    digest, colours = hashlib.sha256(), collections.Counter()
    for y, row in enumerate(rows(path)):
        if count is not None and y >= first + count:
            break
        if y >= first:
            digest.update(b"".join(row))
            colours.update(row)
    print(digest.hexdigest()[:16], len(colours), "#" + colours.most_common(1)[0][0].hex())


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:4]))
