# SPDX-License-Identifier: MIT
"""A VM for the figures: the machine of the QA loops with guest.sh before each script and the stopwatch in it."""
import argparse
import json
import os
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(os.path.join(HERE, "../../.."))
BUILD = os.path.join(TOP, "build/bench")
sys.path.insert(0, os.path.join(TOP, "scripts/lib/qa"))
from machine import Machine, Trouble  # noqa: E402,F401  (beside us, not a package)

with open(os.path.join(HERE, "guest.sh"), encoding="utf-8") as f:
    GUEST = f.read()


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def row(figure, name, unit, ours, against=None, goal=None, note=""):
    """One row for scripts/bench. ours and against: (what, samples)."""
    def side(pair):
        return {"what": pair[0], "samples": [round(s, 4) for s in pair[1]]} if pair else None
    print(json.dumps({"figure": figure, "row": name, "where": "vm", "unit": unit, "ours": side(ours), "against": side(against),
                      "goal": goal or {}, "note": note}), flush=True)


def program(source, *more):
    """Builds a static program for the guest, which has no compiler and maybe another libc."""
    os.makedirs(BUILD, exist_ok=True)
    out = os.path.join(BUILD, os.path.splitext(os.path.basename(source))[0])
    subprocess.run(["gcc", "-std=c11", "-D_GNU_SOURCE", "-O1", "-Wall", "-Wextra", "-Werror", "-static", "-o", out, source, *more], check=True)
    return out


def gauge():
    return program(os.path.join(HERE, "gauge.c"), os.path.join(HERE, "gauge_boot.c"))


def runs(default):
    """The number after --runs. From here on a SIGTERM ends this program with all its clearing up: no VM is left running."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=default)
    return max(1, parser.parse_args().runs)


class Guest(Machine):
    def sh(self, script, *args, limit=400):
        return self.run(GUEST + script, *args, limit=limit, head=False)

    def ms(self, script, *args, limit=400):
        """The stopwatch's lines, in milliseconds."""
        return [int(line) / 1000 for line in self.sh(script, *args, limit=limit).split()]

    def tools(self):
        self.vm("push", gauge(), "/run/gauge")
        self.vm("push", program(os.path.join(TOP, "tests/vm/hold.c")), "/run/hold")

    def persona(self, name, image, *words):
        """Added, started, and its window there if its image has one."""
        self.sh('id=$1 image=$2; shift 2; spine persona add "$id" "$image" "$@" 2>/dev/null; spine persona start "$id" 2>/dev/null', name, image, *words)
