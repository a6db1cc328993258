# SPDX-License-Identifier: MIT
"""Starts p1 by bay0 and its copy `hand` by a shell script, in turn.
usage: start.py DIR RUNS HAND-GROUP COMMAND...     COMMAND is the script; samples go to DIR/s/bay0, hand and own"""
import os
import subprocess
import sys
import time

import rig

DIR, RUNS, GROUP, BY_HAND = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:]
WARM_UP = 2
LOG = DIR + "/persist/log/persona-p1.log"
TIMES = DIR + "/podman.times"
spine = rig.Spine(DIR + "/run/bay0.sock")


def clean():
    os.truncate(LOG, 0)
    os.truncate(TIMES, 0)


def first_process():
    """When the persona's own program ran first, seconds since the epoch."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with open(LOG, encoding="utf-8") as f:
            said = f.read()
        if said.endswith("\n"):
            return float(said)
        time.sleep(0.005)
    raise SystemExit("the first process did not come")


def podman_ran():
    """Seconds that podman's commands before `start` took, and when `start` began."""
    with open(TIMES, encoding="ascii") as f:
        calls = [line.split() for line in f]
    start = next(c for c in calls if "start" in c)
    return sum(float(c[1]) - float(c[0]) for c in calls[:calls.index(start)]), float(start[0])


def by_bay0(took, own):
    clean()
    began = time.time()
    spine.ask("persona.start", id="p1")
    first = first_process()
    ran, start = podman_ran()
    took.append((first - began) * 1000)
    own.append((start - began - ran) * 1000)
    spine.ask("persona.stop", id="p1")


def by_hand(took):
    clean()
    subprocess.run(BY_HAND, check=True)
    first = first_process()
    with open(DIR + "/hand.began", encoding="ascii") as f:
        took.append((first - float(f.read())) * 1000)
    with open(GROUP + "/cgroup.kill", "w", encoding="ascii") as f:
        f.write("1")
    while os.path.isdir(GROUP):
        try:
            os.rmdir(GROUP)
        except OSError:
            time.sleep(0.01)


bay0, hand, own = [], [], []
for n in range(RUNS + WARM_UP):
    by_bay0(bay0, own)
    by_hand(hand)
for name, samples in (("bay0", bay0), ("hand", hand), ("own", own)):
    rig.keep(f"{DIR}/s/{name}", samples[WARM_UP:])
