# SPDX-License-Identifier: MIT
"""The loop `writecut`: one run of every operation is recorded write by write; the disk is rebuilt as it was at each flush, and with a part of the
writes after it, as a disk with a cache may leave it; each is looked at from outside, and bay0 is started on each that differs."""
import copy
import dataclasses
import hashlib
import json
import os
import random
import sqlite3
import subprocess
import threading

from qa import disk, look, model, prove, wlog
from qa.machine import GUEST, HERE, Trouble
from qa.rounds import Loop, dump, load

with open(os.path.join(HERE, "boot.sh"), encoding="utf-8") as f:
    GUEST_BOOT = GUEST + f.read()

BOOT_SECONDS = 60
SHORT_STATES = 40


def script(short):
    """Every operation at least once, on personas that keep their root, throw it away, are begun with, frozen, removed, wiped."""
    n, ops = 100, []

    def do(verb, who, *words):
        nonlocal n
        n += 1
        ops.append(model.Op(n, verb, who, words, model.FOCUS if verb == "focus" else ("ok",)))

    do("add", "temp1", model.IMAGE, "freeze")
    do("start", "temp1")
    do("write", "temp1", n * 100000, n * 100000 + 900, f"f{n}")
    do("focus", "temp1")
    do("stop", "temp1")
    do("wipe", "temp1")
    if short:
        return ops
    do("start", "keep")
    do("over", "keep", n * 100000, n * 100000 + 2000, "f10")
    do("install", "keep", n * 100000, n * 100000 + 300)
    do("add", "temp2", model.IMAGE, "run", "--autostart")
    do("start", "temp2")
    do("focus", "keep")
    do("write", "temp2", n * 100000, n * 100000 + 3000, f"f{n}")
    do("del", "keep", "f12")
    do("stop", "temp2")
    do("rm", "temp2")
    do("add", "temp2", model.IMAGE, "freeze")
    do("start", "temp2")
    do("stop", "keep")
    do("start", "keep")
    do("focus", "temp2")
    do("write", "keep", n * 100000, n * 100000 + 500, f"f{n}")
    do("stop", "temp2")
    do("rm", "temp2")
    return ops


def digest(folder):
    """What bay0 and podman find on a disk: names, contents, and what the databases say; logs and times are left out."""
    h = hashlib.sha256()
    for at, dirs, files in sorted(os.walk(folder)):
        dirs[:] = sorted(d for d in dirs if not (at == folder and d in ("log", "lost+found")))
        h.update(f"{at[len(folder):]}/\n".encode())
        for name in sorted(files):
            path = os.path.join(at, name)
            if name.endswith(("-wal", "-shm", "seed")):
                continue
            h.update(name.encode())
            if name.endswith((".db", "db.sql")):
                h.update(content(path))
            elif os.path.islink(path):
                h.update(os.readlink(path).encode())
            elif os.path.isfile(path):
                with open(path, "rb") as f:
                    h.update(hashlib.md5(f.read()).digest())
    return h.hexdigest()


def content(path):
    try:
        db = sqlite3.connect(path)
        try:
            return "\n".join(db.iterdump()).encode()
        finally:
            db.close()
    except sqlite3.Error as e:
        return str(e).encode()


def homes(folder):
    seen = {}
    top = os.path.join(folder, "home")
    for at, _, files in os.walk(top):
        who, *rest = at[len(top) + 1:].split("/")
        if not who or any(r.startswith(".") for r in rest):
            continue
        seen.setdefault(who, {})
        for name in files:
            if not name.startswith("."):
                with open(os.path.join(at, name), "rb") as f:
                    seen[who]["/".join([*rest, name])] = hashlib.md5(f.read()).hexdigest()
    return seen


def dump_run(ran, steps):
    """A recorded run as text: the world it began with, and each operation with the numbers of the writes before and after it."""
    return json.dumps({"ran": dump({i: [p] for i, p in ran.items()}), "steps": [(b, a, dataclasses.asdict(op)) for b, a, op in steps]})


def load_run(text):
    was = json.loads(text)
    steps = [(b, a, model.Op(**{k: tuple(v) if isinstance(v, list) else v for k, v in op.items()})) for b, a, op in was["steps"]]
    return {i: states[0] for i, states in load(was["ran"]).items()}, steps


class Writecut(Loop):
    def __init__(self, machine, report, options):
        super().__init__(machine, report, options)
        self.path = lambda name: os.path.join(report.out, name)
        self.start = None
        self.steps = []  # (entries before, entries after, operation)
        self.ran = None

    def losses(self, texts):
        if texts:
            self.report.loss(self.number, texts, self.report.out)
            self.keep_evidence()

    # Recording

    def begin(self):
        """A machine with one persona that has a home and an own root, and stands still; then what was begun with is set aside."""
        m = self.machine
        m.gone()
        self.world = {"keep": model.Persona(), "temp1": model.Persona(churn=True), "temp2": model.Persona(churn=True)}
        m.up(fresh=True)
        self.do([[model.Op(1, "add", "keep", (model.IMAGE, "run")), model.Op(2, "start", "keep"),
                  *(model.Op(n, "write", "keep", (n * 100000, n * 100000 + 300 * n, f"f{n}")) for n in (10, 11, 12)),
                  model.Op(20, "install", "keep", (2000000, 2000100)), model.Op(21, "stop", "keep")]])
        m.run("spine poweroff", head=False)
        m.wait_off()
        self.ran = copy.deepcopy(self.world)
        disk.copy(m.disk, self.path("base.img"))

    def record(self):
        m, ops = self.machine, script(self.options.short)
        self.begin()
        m.options += ["--record", self.path("writes.log")]
        m.up()
        m.run('for i in $(seq 300); do spine service status sway --json | grep -q \'"up": *true\' && break; sleep 0.5; done', limit=200)
        m.settled()
        for op in ops:
            before = wlog.count(self.path("writes.log"))
            self.do([[op]])
            self.steps.append((before, wlog.count(self.path("writes.log")), op))
        m.run("spine poweroff", head=False)
        m.wait_off()
        m.options = m.options[:-2]
        with open(self.path("steps.json"), "w", encoding="utf-8") as f:
            f.write(dump_run(self.ran, self.steps))

    def recorded(self):
        """The recorded run of before, to look at one of its disks again."""
        with open(self.path("steps.json"), encoding="utf-8") as f:
            self.ran, self.steps = load_run(f.read())

    def allowed(self, sure, maybe):
        """The allowed states of a disk that has entries[:sure] for certain and some of entries[:maybe]."""
        world = {i: [copy.deepcopy(p)] for i, p in self.ran.items()}
        for before, after, op in self.steps:
            if before >= maybe:
                break
            p = world[op.id][0]
            world[op.id] = [model.apply(p, op)] if after <= sure else model.candidates(p, op)
            if after > sure:
                # What comes after it may have begun as well: it is allowed too.
                world[op.id] += [q for b, _, o in self.steps if before < b < maybe and o.id == op.id for q in model.candidates(model.apply(p, op), o)]
                break
        return world

    # Replaying

    def states(self, entries):
        """(name, entries applied for certain, entries applied in part) of each disk to be looked at, in order."""
        rng = random.Random(f"{self.options.seed} writes")
        marks = [0, *wlog.flushes(entries)]
        for i, mark in enumerate(marks):
            yield f"flush {i} of {len(marks) - 1}", mark, []
            later = list(range(mark, marks[i + 1] - 1 if i + 1 < len(marks) else len(entries)))
            if len(later) > 1:
                some = sorted(rng.sample(later, rng.randrange(1, len(later))))
                yield f"flush {i} of {len(marks) - 1} and {len(some)} of the {len(later)} writes after it", mark, some

    def replay(self):
        """Rebuilds and looks from outside; gives (name, image, allowed states) of those that differ from all before."""
        log, image = self.path("writes.log"), self.path("disk.img")
        entries, sector = wlog.entries(log)
        disk.copy(self.path("base.img"), image)
        master, known, done = wlog.Disk(image, log, sector), set(), 0
        states = list(self.states(entries))
        if self.options.short:
            states = [states[i * len(states) // SHORT_STATES] for i in range(SHORT_STATES)]
        for number, (name, sure, some) in enumerate(states, 1):
            if self.options.start and self.options.rounds and not 0 <= number - self.options.first < self.options.rounds:
                continue
            master.apply(entries[done:sure])
            done = sure
            now = disk.copy(image, self.path("now.img"))
            if some:
                wlog.Disk(now, log, sector).apply([entries[i] for i in some])
            allowed = self.allowed(sure, max(some, default=sure - 1) + 1)
            self.number = number
            self.report.count("disks looked at from outside")
            sign = self.outside(name, disk.copy(now, self.path("look.img")), allowed)
            if sign and sign not in known:
                known.add(sign)
                kept = self.path(f"state-{self.number}.img")
                os.replace(now, kept)
                yield self.number, name, kept, allowed
            self.report.done += 1
            if self.number % 50 == 0:
                self.report.progress(rounds=len(states))

    def outside(self, name, image, allowed):
        bad = []
        try:
            with disk.opened(image) as folder:
                sign, found = digest(folder), homes(folder)
        except OSError as e:
            self.losses([f"{name}: {e}"])
            return None
        for who, states in allowed.items():
            if len(states) == 1 and not states[0].loose and states[0].home and found.get(who) != states[0].files:
                bad.append(f"{name}: home of {who} is not as it was synced: {sorted(found.get(who, {}))}, not {sorted(states[0].files)}")
        self.losses(bad + [f"{name}: {t}" for t in disk.losses(image, allowed)])
        return sign

    # bay0's start

    def slots(self):
        """The machine that the images are given to, in two drives that it finds by their serials."""
        words = []
        for s in (0, 1):
            disk.copy(self.path("base.img"), self.path(f"slot{s}.img"))
            words += ["-drive", f"if=none,id=slot{s},file={self.path(f'slot{s}.img')},format=raw,cache=writeback",
                      "-device", f"virtio-blk-pci,drive=slot{s},serial=slot{s}"]
        return words

    def start_on(self, slot, number, image):
        """What bay0 makes of the disk: the look at it."""
        disk.copy(image, self.path(f"slot{slot}.img"))  # the drive is this very file: cp writes it over
        text = ('d=; for b in /sys/block/vd*; do [ "$(cat "$b/serial" 2>/dev/null)" != "slot$1" ] || d=/dev/${b##*/}; done\n'
                f'g=/sys/fs/cgroup/cut$1-$3 && mkdir "$g" && (echo 0 >"$g/cgroup.procs" && exec unshare -m -C sh -c "$2" sh "$d" {BOOT_SECONDS})\n'
                'status=$?; find "$g" -depth -type d -exec rmdir {} +; exit $status')
        return self.machine.run(text, slot, GUEST_BOOT, number, limit=2 * BOOT_SECONDS + 120, head=False)

    def boots(self, chosen):
        """bay0 on each of the disks, two at a time."""
        m = self.machine
        m.options += ["--fresh"]
        m.extra = self.slots()
        m.up()
        lock = threading.Lock()

        def take(slot):
            while True:
                with lock:
                    if not chosen:
                        return
                    number, name, image, allowed = chosen.pop(0)
                try:
                    text = self.start_on(slot, number, image)
                    bad = look.judge(allowed, look.read(text), booted=True)[1]
                except (Trouble, OSError, subprocess.SubprocessError) as e:
                    text, bad = str(e), [f"bay0's start did not come to its end: {e}"]
                with lock:
                    self.number = number
                    self.report.count("starts of bay0")
                    if bad:
                        with open(os.path.join(self.report.folder(number), "start.txt"), "w", encoding="utf-8") as f:
                            f.write(text)
                        disk.copy(image, os.path.join(self.report.folder(number), "disk.img"))
                        self.losses([f"{name}: {t}" for t in bad])
                    os.unlink(image)
                    self.report.progress(rounds=self.report.done + len(chosen))

        threads = [threading.Thread(target=take, args=(s,)) for s in (0, 1)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()

    def choose(self, found):
        """All, or --rounds of them spread evenly."""
        most = self.options.rounds
        if not most or len(found) <= most:
            return found
        keep = {found[i * len(found) // most][0] for i in range(most)}
        for number, _, image, _ in found:
            if number not in keep:
                os.unlink(image)
        return [f for f in found if f[0] in keep]

    def writecut(self):
        self.recorded() if self.options.start else self.record()
        found = list(self.replay())
        self.report.count("disks that differ", len(found))
        self.report.count("flushes", len(wlog.flushes(wlog.entries(self.path("writes.log"))[0])))
        if found:
            last = copy.deepcopy(found[-1])
            self.blind(last)
            self.boots(self.choose(found))

    def blind(self, last):
        """Shows that a look from outside can fail: one home is harmed, a row is lied about, a registry spoilt."""
        number, name, image, allowed = last
        spoilt = disk.copy(image, self.path("spoilt.img"))
        lies = copy.deepcopy(allowed)
        for p in lies["temp1"]:
            p.registered = not p.registered
        with disk.opened(spoilt) as folder:
            path = os.path.join(folder, "home/keep")
            with open(os.path.join(path, sorted(f for f in os.listdir(path) if f[0] == "f")[0]), "a", encoding="utf-8") as f:
                f.write("more\n")
            found = homes(folder)
        missed = [] if found.get("keep") != allowed["keep"][0].files else ["a home that was written to"]
        missed += [] if disk.losses(spoilt, lies) else ["a row that was lied about"]
        self.losses([f"the checks are blind: {t} was not noticed" for t in missed + prove.registry_blind()])
