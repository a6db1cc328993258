# SPDX-License-Identifier: MIT
"""The loops `reboot` and `powercut`: random operations, the end of the machine, and what must be there when it is up again."""
import dataclasses
import json
import os
import random
import subprocess
import threading
import time

from qa import disk, look, model, prove
from qa.machine import Trouble

WORKERS = (("keep", "temp1"), ("idle", "temp2"))
# Words for the kernel. Tenants write nothing that a cut could hurt, and the compositor takes half of the time of a boot.
# What is initialised ahead of a start comes by itself and is of no operation: the oracle would have to guess.
NOT_AHEAD = "-- --ahead 0"
NO_TENANTS, NO_UI = NOT_AHEAD + " --no-tenants", NOT_AHEAD + " --no-tenants --no-ui"


def new_world():
    return {"keep": model.Persona(), "idle": model.Persona(), "temp1": model.Persona(churn=True), "temp2": model.Persona(churn=True)}


def dump(allowed):
    """The states that each persona may be in, as text."""
    return json.dumps({i: [{**dataclasses.asdict(p), "loose": sorted(p.loose)} for p in states] for i, states in allowed.items()}, indent=1)


def load(text):
    return {i: [model.Persona(**{**row, "loose": set(row["loose"])}) for row in states] for i, states in json.loads(text).items()}


class Loop:
    """One machine, the world that it should hold, and the rounds on it."""
    victim, lie = "keep", "temp1"  # who is harmed on purpose at the end (runs, never freezes), and who is lied about

    def __init__(self, machine, report, options):
        self.machine, self.report, self.options = machine, report, options
        self.world, self.number, self.start = new_world(), 0, None

    # What happened

    def losses(self, texts):
        if not texts:
            return
        self.report.loss(self.number, texts, self.start and self.report.folder(self.number))
        self.keep_evidence()

    def keep_evidence(self):
        """Console, bay0's log, acknowledgements, picture, and the disk and world that the round began with."""
        folder, m = self.report.folder(self.number), self.machine
        for name, text in (("console.log", m.log("log")), ("acks.log", "\n".join(f"{n} {v}" for n, v in m.said().items()))):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write(text)
        if self.start:
            os.replace(self.start[0], os.path.join(folder, "start.img"))
            with open(os.path.join(folder, "start.json"), "w", encoding="utf-8") as f:
                f.write(self.start[1])
            self.start = None
        if not m.running():
            return
        try:
            m.screenshot(os.path.join(folder, "screen.png"))
            with open(os.path.join(folder, "bay0.log"), "w", encoding="utf-8") as f:
                f.write(m.run("cat /persist/log/bay0.log.1 /persist/log/bay0.log 2>/dev/null; true", head=False))
            with open(os.path.join(folder, "look.txt"), "w", encoding="utf-8") as f:
                f.write(m.run("look"))
        except Trouble as e:
            print(f"no more evidence: {e}")

    # Steps of a round

    def prepare(self):
        """A machine with every persona up; its disk new or that of a round to be repeated."""
        m, given = self.machine, self.options.start
        m.gone()
        m.words = NO_TENANTS
        if os.path.exists(m.acks):
            os.unlink(m.acks)
        if given:
            os.makedirs(m.dir, exist_ok=True)
            disk.copy(os.path.join(given, "start.img"), m.disk)
            with open(os.path.join(given, "start.json"), encoding="utf-8") as f:
                allowed = load(f.read())
            m.up()
            self.check(allowed, booted=True)
            return
        self.world = new_world()
        m.up(fresh=True)
        self.do([[model.Op(n, "add", who, (model.IMAGE, *words)), model.Op(n + 1, "start", who),
                  *(model.Op(i, "write", who, (i * 100000, i * 100000 + 500 * i, f"f{i}")) for i in (n + 2, n + 3)),
                  model.Op(n + 4, "install", who, (n * 100000, n * 100000 + 100))]
                 for n, who, words in ((1, "keep", ("run",)), (11, "idle", ("freeze", "--autostart")))])

    def do(self, lists):
        """Has operations done to their end and looks whether they led to what was asked."""
        m = self.machine
        m.forget()
        m.work(lists, limit=60 + 20 * max(map(len, lists), default=0))
        allowed, bad = self.after(lists, m.said())
        bad += [f"operation {op.line()} was never answered" for ops in lists for op in ops if m.said().get(op.n) is None and not bad]
        self.report.count("operations", len(m.said()))
        self.check(allowed, bad)

    def after(self, lists, said):
        allowed, bad = {i: [p] for i, p in self.world.items()}, []
        for ops in lists:
            ids = {op.id for op in ops}
            now, lost = model.follow({i: self.world[i] for i in ids}, ops, said)
            allowed.update(now)
            bad += lost
        return allowed, bad

    def check(self, allowed, bad=(), booted=False):
        seen = look.read(self.machine.settled())
        self.world, lost = look.judge(allowed, seen, booted)
        self.losses(list(bad) + lost)
        return seen

    def booted(self):
        """After a clean stop: exactly what was asked for."""
        self.check({i: [p] for i, p in self.world.items()}, booted=True)

    def all_up(self):
        """Each persona can be started: those that are not up are."""
        ops = [model.Op(self.number * 1000 + 900 + n, "start", i) for n, (i, p) in enumerate(sorted(self.world.items())) if p.registered and not p.running]
        self.do([[op] for op in ops])

    def lists(self, length):
        out = []
        for w, ids in enumerate(WORKERS):
            rng = random.Random(f"{self.options.seed} {self.number} {w}")
            writer = model.Writer(rng, self.world, ids, self.number * 1000 + w * 400)
            out.append([writer.next() for _ in range(length)])
        return out

    def remember(self, allowed):
        """The disk cannot be copied while it is in use: the one of the last power-on is what a round is repeated from."""
        self.start = (disk.copy(self.machine.disk, os.path.join(self.report.out, "start.img")), dump(allowed))

    # The loops

    def powercut(self):
        m, rng = self.machine, random.Random(f"{self.options.seed} {self.number} cut")
        lists = self.lists(60)
        m.forget()
        m.work(lists)
        time.sleep(rng.uniform(0.3, self.options.longest))
        m.cut()
        said = m.said()
        self.report.count("operations", len(said))
        self.report.count("cut in the middle of an operation", sum(v is None for v in said.values()))
        allowed, bad = self.after(lists, said)
        self.remember(allowed)
        outside = []
        if rng.random() < 0.2:
            m.up_and_cut(rng.uniform(0, 6))
            self.report.count("cut again while the Spine came up")
        copy = disk.copy(m.disk, os.path.join(self.report.out, "cut.img"))
        reader = threading.Thread(target=lambda: outside.extend(disk.losses(copy, allowed)))
        reader.start()
        self.up("a cut", ui=rng.random() < 0.25)
        reader.join()
        self.check(allowed, bad + [f"on the disk after the cut: {t}" for t in outside], booted=True)
        # What does not run is started by the next operations as well, so not each round needs to take the time.
        if self.number % 4 == 0 or self.number == self.options.first + self.options.rounds - 1:
            self.all_up()
        if self.number % 10 == 0:
            self.power_off(lambda: m.run("spine poweroff", head=False))
            self.booted()
            self.all_up()

    def up(self, after, ui):
        self.machine.words = NO_TENANTS if ui else NO_UI
        self.report.time(f"power-on to ready after {after}{'' if ui else ', no compositor'}", self.machine.up())

    def power_off(self, how):
        """Off in order and on again: everything is as it was, and the disk needs nothing."""
        m = self.machine
        how()
        m.wait_off()
        copy = disk.copy(m.disk, os.path.join(self.report.out, "cut.img"))
        head = disk.run("dumpe2fs", "-h", copy).stdout
        bad = ["the disk was not unmounted: its journal is to be recovered"] if b"needs_recovery" in head else []
        bad += [f"on the disk after power-off: {t}" for t in disk.losses(copy, {i: [p] for i, p in self.world.items()})]
        self.losses(bad)
        self.up("a clean stop", ui=True)

    def reboot(self):
        m, rng = self.machine, random.Random(f"{self.options.seed} {self.number} way")
        self.do(self.lists(3 if self.options.short else 6))
        way = rng.choice(["verb", "signal", "off", "button"])
        self.report.count(f"by {way}")
        if way in ("off", "button"):
            self.power_off(lambda: m.run("spine poweroff", head=False) if way == "off" else m.vm("qmp", "system_powerdown"))
        else:
            began = time.monotonic()
            if way == "verb":
                m.vm("mark")
                m.run("spine reboot", head=False)
                m.vm("wait")
            else:
                m.vm("reboot")
            self.report.time("clean reboot to ready again", time.monotonic() - began)
            if "recovering journal" in m.log("log")[-6000:]:
                self.losses(["/persist was not let go of: its journal was recovered"])
        self.booted()
        self.all_up()

    def rounds(self, one):
        """Runs the rounds; what stops one is a loss, and the next begins on a new machine."""
        o, fresh = self.options, True
        for self.number in range(o.first, o.first + o.rounds):
            try:
                if fresh:
                    self.prepare()
                    fresh = False
                one()
            except (Trouble, OSError, ValueError, subprocess.SubprocessError) as e:
                self.losses([f"the round did not come to its end: {e}"])
                fresh, self.options.start = True, None
            self.report.done += 1
            self.report.progress(rounds=o.rounds)
        if not fresh:
            try:
                self.losses(prove.blind(self))
            except Trouble as e:
                self.losses([f"the checks could not be shown to work: {e}"])
