#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Copies what a list names, and the shared libraries that needs, from one root to another; nothing else gets through.

usage: pick.py ROOT LIST... OUT

Lines of a list (`#` starts a comment; `?` after the word: no error if it is not there):
  prog NAME...    programs, looked for in the usual folders
  tree GLOB...    files, links or whole folders
  lib GLOB...     libraries that are opened at run time (dlopen)
  drop GLOB...    never copied, though a tree or a lib names it
Set-id bits are taken off. Links are kept as links and what they point to comes along.
"""
import fnmatch
import glob
import os
import shutil
import stat
import struct
import sys

PROG_DIRS = ("usr/bin", "usr/sbin", "bin", "sbin")


def elf(path):
    """(needed, run-path folders, interpreter, wanted by dlopen notes) of a 64-bit ELF file, or None."""
    with open(path, "rb") as f:
        if f.read(4) != b"\x7fELF":
            return None
        f.seek(0)
        data = f.read()
    if data[4] != 2 or len(data) < 64:
        return None
    phoff, shoff = struct.unpack_from("<QQ", data, 32)
    phnum = struct.unpack_from("<H", data, 56)[0]
    shnum, shstr = struct.unpack_from("<HH", data, 60)
    loads, dyn, interp = [], None, None
    for i in range(phnum):
        kind, _, off, vaddr, _, size = struct.unpack_from("<IIQQQQ", data, phoff + 56 * i)
        if kind == 1:
            loads.append((vaddr, off, size))
        elif kind == 2:
            dyn = (off, size)
        elif kind == 3:
            interp = data[off:off + size].rstrip(b"\0").decode()
    needed, paths = [], []
    if dyn:
        tags = [struct.unpack_from("<QQ", data, dyn[0] + 16 * i) for i in range(dyn[1] // 16)]
        strtab = next(v for t, v in tags if t == 5)
        base = next(o + strtab - v for v, o, s in loads if v <= strtab < v + s)

        def text(n):
            return data[base + n:data.index(b"\0", base + n)].decode()
        needed = [text(v) for t, v in tags if t == 1]
        paths = [p for t, v in tags if t in (15, 29) for p in text(v).split(":")]
    return needed, paths, interp, dlopen_notes(data, shoff, shnum, shstr)


def dlopen_notes(data, shoff, shnum, shstr):
    """Names in `.note.dlopen`: how systemd's programs tell packagers what they open at run time."""
    import json
    if not shoff or not shnum:
        return []
    heads = [struct.unpack_from("<IIQQQQ", data, shoff + 64 * i) for i in range(shnum)]
    names = heads[shstr][4]
    found = []
    for name, _, _, _, off, size in heads:
        if data[names + name:data.index(b"\0", names + name)] != b".note.dlopen":
            continue
        while size >= 12:
            nsz, dsz, _ = struct.unpack_from("<III", data, off)
            body = off + 12 + (nsz + 3) // 4 * 4
            for entry in json.loads(data[body:body + dsz].rstrip(b"\0")):
                if entry.get("priority") != "suggested":
                    found += entry["soname"]
            step = body + (dsz + 3) // 4 * 4 - off
            off, size = off + step, size - step
    return found


class Picker:
    def __init__(self, root, out):
        self.root, self.out = os.path.realpath(root), out
        self.seen, self.drops, self.missing, self.wanted = set(), [], [], []
        self.dirs = self.library_dirs()

    def library_dirs(self):
        dirs = ["usr/local/lib", "lib", "usr/lib", "lib64", "usr/lib64"]
        for conf in sorted(glob.glob(self.root + "/etc/ld.so.conf.d/*.conf")):
            with open(conf) as f:
                dirs += [line.strip().lstrip("/") for line in f if line.startswith("/")]
        return dirs

    def resolve(self, rel):
        """The path below the root that `rel` leads to, folder links followed inside the root, the last link not."""
        parts, done = [p for p in rel.split("/") if p], []
        for i, part in enumerate(parts):
            done.append(part)
            full = os.path.join(self.root, *done)
            if i < len(parts) - 1 and os.path.islink(full):
                done = self.follow("/".join(done)).split("/")
        return "/".join(done)

    def follow(self, rel):
        link = os.readlink(os.path.join(self.root, rel))
        target = link if link.startswith("/") else os.path.join(os.path.dirname(rel), link)
        return self.resolve(os.path.normpath("/" + target).lstrip("/"))

    def dropped(self, rel):
        return any(fnmatch.fnmatch(rel, d) for d in self.drops)

    def folder(self, rel):
        """Makes a folder and its parents in the output, top-level links (bin -> usr/bin) kept."""
        if not rel or os.path.isdir(os.path.join(self.out, rel)):
            return
        self.folder(os.path.dirname(rel))
        os.mkdir(os.path.join(self.out, rel))
        shutil.copystat(os.path.join(self.root, rel), os.path.join(self.out, rel))

    def add(self, rel):
        rel = self.resolve(rel)
        if rel in self.seen or self.dropped(rel):
            return
        self.seen.add(rel)
        src, dst = os.path.join(self.root, rel), os.path.join(self.out, rel)
        if os.path.islink(src):
            self.folder(os.path.dirname(rel))
            os.symlink(os.readlink(src), dst)
            target = self.follow(rel)
            if os.path.lexists(os.path.join(self.root, target)):
                self.add(target)
        elif os.path.isdir(src):
            self.folder(rel)
            for name in sorted(os.listdir(src)):
                self.add(rel + "/" + name)
        elif os.path.isfile(src):
            self.folder(os.path.dirname(rel))
            shutil.copy2(src, dst)
            os.chmod(dst, stat.S_IMODE(os.stat(src).st_mode) & 0o1777)
            self.add_needs(rel, src)

    def add_needs(self, rel, src):
        info = elf(src)
        if info is None:
            return
        needed, paths, interp, notes = info
        origin = os.path.dirname(rel)
        own = [os.path.normpath(p.replace("$ORIGIN", "/" + origin)).lstrip("/") for p in paths]
        if interp:
            self.add(interp.lstrip("/"))
        for name in needed + notes:
            hit = next((d + "/" + name for d in own + self.dirs
                        if os.path.lexists(os.path.join(self.root, self.resolve(d + "/" + name)))), None)
            if hit:
                self.add(hit)
            elif name in needed:
                self.wanted.append((name, rel))

    def run(self, word, args):
        optional = word.endswith("?")
        for arg in args:
            if word.startswith("prog"):
                hits = [d + "/" + arg for d in PROG_DIRS if os.path.lexists(os.path.join(self.root, d, arg))][:1]
            else:
                hits = [os.path.relpath(h, self.root) for h in sorted(glob.glob(os.path.join(self.root, arg)))]
            for hit in hits:
                self.add(hit)
            if not hits and not optional:
                self.missing.append(f"{word} {arg}")


def main(argv):
    if len(argv) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    root, lists, out = argv[1], argv[2:-1], argv[-1]
    os.makedirs(out, exist_ok=True)
    picker = Picker(root, out)
    for name in sorted(os.listdir(root)):
        if os.path.islink(os.path.join(root, name)):
            os.symlink(os.readlink(os.path.join(root, name)), os.path.join(out, name))
    rows = []
    for path in lists:
        with open(path) as f:
            rows += [line.split("#")[0].split() for line in f]
    rows = [r for r in rows if r]
    picker.drops = [a for r in rows if r[0] == "drop" for a in r[1:]]
    for row in rows:
        if row[0] != "drop":
            picker.run(row[0], row[1:])
    # A library without a run path of its own finds what the program that loads both has loaded already.
    names = {os.path.basename(rel) for rel in picker.seen}
    picker.missing += [f"library {name}, which /{rel} needs" for name, rel in picker.wanted if name not in names]
    # A folder's time changes when something is put into it; font caches are only valid for the time they saw.
    for rel in picker.seen:
        src, dst = os.path.join(root, rel), os.path.join(out, rel)
        if os.path.isdir(dst) and not os.path.islink(dst):
            shutil.copystat(src, dst)
    for what in picker.missing:
        print(f"pick: not found in {root}: {what}", file=sys.stderr)
    return 1 if picker.missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
