# SPDX-License-Identifier: MIT
"""Reads what QEMU's blklogwrites filter recorded (the format of Linux's dm-log-writes) and rebuilds the disk as it was at each flush."""
import os
import struct
from dataclasses import dataclass

MAGIC, VERSION = 0x6A736677736872, 1
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8
SUPER = struct.Struct("<QQQI")
ENTRY = struct.Struct("<QQQQ")


class Broken(Exception):
    """The log is not what it should be."""


@dataclass
class Entry:
    sector: int  # in sectors of the log
    sectors: int
    flags: int
    at: int  # where its data begins in the log, 0 for none


def head(f):
    """(number of entries, bytes of a sector). The number is brought up to date at each flush."""
    f.seek(0)
    data = f.read(SUPER.size)
    if len(data) < SUPER.size:
        raise Broken("the log has no beginning")
    magic, version, count, sector = SUPER.unpack(data)
    if magic != MAGIC or version != VERSION or sector not in (512, 4096):
        raise Broken(f"not a log of writes: magic {magic:x}, version {version}, sector {sector}")
    return count, sector


def count(path):
    with open(path, "rb") as f:
        return head(f)[0]


def entries(path):
    """All entries, and the bytes of a sector."""
    out = []
    with open(path, "rb") as f:
        total, sector = head(f)
        at, size = sector, os.fstat(f.fileno()).st_size
        for i in range(total):
            f.seek(at)
            data = f.read(ENTRY.size)
            if len(data) < ENTRY.size:
                raise Broken(f"entry {i} of {total} is cut off")
            where, n, flags, _ = ENTRY.unpack(data)
            at += sector
            has = n and not flags & DISCARD
            out.append(Entry(where, n, flags, at if has else 0))
            if has:
                at += n * sector
            if at > size:
                raise Broken(f"entry {i} of {total} is cut off")
    return out, sector


class Disk:
    """An image that the entries are written to, one after the other."""

    def __init__(self, image, log, sector):
        self.image, self.log, self.sector = image, log, sector

    def apply(self, some):
        with open(self.image, "r+b") as out, open(self.log, "rb") as log:
            for e in some:
                if not e.sectors or e.flags & DISCARD:
                    continue  # what was discarded may read as anything: as before is the hardest case
                log.seek(e.at)
                out.seek(e.sector * self.sector)
                out.write(log.read(e.sectors * self.sector))


def flushes(all_entries):
    """Numbers of entries after which everything before is on the disk: i means that entries[:i] are."""
    return [i + 1 for i, e in enumerate(all_entries) if e.flags & FLUSH]
