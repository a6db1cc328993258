# SPDX-License-Identifier: MIT
"""Looks at a disk of /persist from outside, with the VM off: a copy is mounted, so that the kernel replays its journal, and read."""
import os
import sqlite3
import subprocess
import tempfile
from contextlib import contextmanager


def run(*argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)


def copy(image, to):
    """A copy that keeps the holes: it has only a few megabytes."""
    done = run("cp", "--sparse=always", image, to)
    if done.returncode:
        raise OSError(done.stdout.decode())
    return to


@contextmanager
def opened(image):
    """A folder with what is on the disk, its journal replayed: mounted where this machine can, otherwise taken out with debugfs."""
    with tempfile.TemporaryDirectory(prefix="spine-qa-") as folder:
        at = os.path.join(folder, "disk")
        os.mkdir(at)
        by_mount = run("mount", "-o", "loop,nodev,nosuid,noexec", image, at).returncode == 0
        if not by_mount:
            taken_out(image, at)
        try:
            yield at
        finally:
            if by_mount:
                run("umount", at)


def taken_out(image, at):
    done = run("e2fsck", "-y", "-E", "journal_only", image)
    if done.returncode > 1:
        raise OSError(f"the journal of {image} cannot be replayed: {done.stdout.decode()[-300:]}")
    done = run("debugfs", "-R", f"rdump / {at}", image)
    if done.returncode:
        raise OSError(f"{image} cannot be read: {done.stdout.decode()[-300:]}")


def registry(path):
    """(integrity_check's words, rows, journal) of a personas.db beside its -wal. A missing table reads as empty."""
    rows, journal = {}, []
    try:
        db = sqlite3.connect(path)
        try:
            words = [r[0] for r in db.execute("PRAGMA integrity_check")]
            have = {r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "persona" in have:
                rows = {r[0]: bool(r[1]) for r in db.execute("SELECT id, wanted FROM persona")}
            if "journal" in have:
                journal = [tuple(r) for r in db.execute("SELECT operation, id, detail FROM journal ORDER BY entry")]
        finally:
            db.close()
    except sqlite3.Error as e:
        return [f"it does not open: {e}"], rows, journal
    return words, rows, journal


def losses(image, allowed=None):
    """What is wrong on a copy of a disk that was cut off: file system, registry, rows that no allowed state has. The copy is used up."""
    bad = []
    try:
        with opened(image) as folder:
            path = os.path.join(folder, "personas.db")
            if not os.path.exists(path):
                bad.append("there is no registry")
            else:
                words, rows, journal = registry(path)
                if words != ["ok"]:
                    bad.append(f"registry: integrity_check: {'; '.join(words[:3])}")
                bad += row_losses(rows, journal, allowed or {})
    except OSError as e:
        return [str(e)]
    done = run("e2fsck", "-fn", image)
    if done.returncode:
        bad.append(f"e2fsck after the journal's replay: {done.stdout.decode()[-600:]}")
    return bad


def row_losses(rows, journal, allowed):
    """Rows against the allowed states, as far as the registry alone tells; what the journal holds is still to be finished."""
    bad, staged = [], {who for _, who, _ in journal}
    for who, states in allowed.items():
        if who in staged:
            continue
        if not any(p.registered == (who in rows) for p in states):
            bad.append(f"registry on the disk: {who} is {'' if who in rows else 'not '}registered")
    return bad
