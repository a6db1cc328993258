# SPDX-License-Identifier: MIT
"""The loop `soak`: random operations for a time. Each spell of them ends with a look at everything and, all personas stopped, with bay0's size."""
import random
import subprocess
import time
from collections import Counter

from qa import look, model, prove
from qa.machine import Trouble
from qa.rounds import Loop

SPELL, SHORT_SPELL = 6, 3  # operations of each worker between two looks
FIRST_MINUTE = 60
RSS_SLACK = 192  # KiB: pages of the program that are read in late, and what the allocator keeps


class Soak(Loop):
    def tenant(self, rng):
        """A worker of its own: the tenant is stopped and started, three times in ten."""
        n = self.number * 1000 + 950
        ops = [model.Op(n, "tenant-stop", "ai-core"), model.Op(n + 1, "tenant-start", "ai-core")]
        return ops if rng.random() < 0.3 else []

    def spell(self):
        rng = random.Random(f"{self.options.seed} {self.number} tenant")
        self.do([*self.lists(SHORT_SPELL if self.options.short else SPELL), *([ops] if (ops := self.tenant(rng)) else [])])

    def after(self, lists, said):
        mine = [op for ops in lists for op in ops if op.verb.startswith("tenant")]
        allowed, bad = super().after([ops for ops in lists if ops and ops[0] not in mine], said)
        return allowed, bad + [f"operation {op.line()}: answered {said[op.n]}" for op in mine if said.get(op.n) and said[op.n][0] != "ok"]

    def size(self):
        """bay0's memory and open files with everything stopped: the same state each time."""
        ops = [model.Op(self.number * 1000 + 900 + n, "stop", i) for n, (i, p) in enumerate(sorted(self.world.items())) if p.running]
        self.do([[op] for op in ops])
        # Declared personas count too: those that come and go are brought back.
        ops = [model.Op(self.number * 1000 + 920 + n, "add", i, (model.IMAGE, "freeze")) for n, (i, p) in enumerate(sorted(self.world.items())) if not p.registered]
        self.do([[op] for op in ops])
        seen = look.read(self.machine.run("until_up() { for i in $(seq 240); do spine service status ai-core --json | grep -q '\"up\": *true' && return; sleep 0.5; done; }\n"
                                          "until_up; sleep 1; bay0_size", limit=200))
        self.open.append(Counter(seen.open))
        return seen.bay0

    def soak(self):
        o, r, began = self.options, self.report, time.monotonic()
        self.prepare()
        self.do([[model.Op(949, "tenant-start", "ai-core")]])  # from its first start on bay0 watches its group
        base, first, sizes, began = None, 0, [], time.monotonic()
        self.open = []
        self.number = 0
        while time.monotonic() - began < o.seconds or len(sizes) < 2:  # one size alone says nothing
            self.number += 1
            try:
                self.spell()
                now = self.size()
                sizes.append(now)
                if base is None and (time.monotonic() - began >= FIRST_MINUTE or o.seconds <= FIRST_MINUTE):
                    base, first = now, self.number - 1
            except (Trouble, OSError, ValueError, subprocess.SubprocessError) as e:
                self.losses([f"the spell did not come to its end: {e}"])
                break
            r.done = self.number
            r.progress(until=o.seconds)
        if base:
            self.compare(base, sizes[-1], sizes, self.open[-1] - self.open[first])
        self.all_up()
        self.losses(prove.blind(self))

    def compare(self, base, last, sizes, more):
        f = self.report.figures
        f["bay0 after the first minute"] = base
        f["bay0 at the end"] = last
        f["bay0 at most"] = {k: max(s[k] for s in sizes) for k in ("rss", "fds")}
        f["bay0 by round"] = [[s["rss"], s["fds"]] for s in sizes]
        bad = []
        if last["rss"] > base["rss"] + RSS_SLACK:
            bad.append(f"bay0 has grown from {base['rss']} to {last['rss']} KiB")
        if last["fds"] != base["fds"]:
            bad.append(f"bay0 has {last['fds']} open files, {base['fds']} after the first minute; more: {', '.join(more.elements()) or 'none'}")
        self.losses(bad)
