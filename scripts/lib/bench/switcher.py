#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Presses keys in a headless sway and reads from traces when the overlay, and fuzzel, were drawn and presented.
Prints rows for scripts/bench.   usage: switcher.py ROOT DIR PID ROUNDS PICTURE     run by scripts/lib/bench/switcher
"""
import json
import os
import re
import subprocess
import sys
import time

ROOT, DIR, PID, ROUNDS, PICTURE = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
WARM_UP = 5
ENV = dict(PATH="/usr/sbin:/usr/bin:/sbin:/bin", HOME="/tmp", XDG_RUNTIME_DIR=DIR + "/run/ui", WAYLAND_DISPLAY="wayland-1")
# WAYLAND_DEBUG prints the time of day; all times here are microseconds since midnight (UTC in both).
DAY = 86400 * 10**6
OFFSET = time.time() - time.monotonic()
LINE = re.compile(r"^\[(\d\d):(\d\d):(\d\d)\.(\d{6})\]\s+(.*)$")


def in_root(*words, **more):
    return subprocess.Popen(["chroot", ROOT, *words], env=dict(ENV, **more), stderr=subprocess.PIPE, text=True)


def stamps(text):
    for line in text.splitlines():
        m = LINE.match(line)
        if m:
            yield ((int(m[1]) * 60 + int(m[2])) * 60 + int(m[3])) * 10**6 + int(m[4]), m[5]


def press(*words):
    """Runs wtype; the time of its first press of a key; Mod is a modifier to it, no key."""
    p = in_root("wtype", *words, WAYLAND_DEBUG="1")
    _, err = p.communicate(timeout=60)
    for at, what in stamps(err):
        if re.search(r"zwp_virtual_keyboard_v1[#@]\d+\.key\(\d+, \d+, 1\)", what):
            return at
    sys.exit("bench: wtype pressed no key:\n" + err[-2000:])


def trace(name, after):
    """The first line of the switcher's trace with this name after that many lines; in the clock of press()."""
    with open(DIR + "/out/switcher.log") as f:
        for line in f.read().splitlines()[after:]:
            if line.startswith("trace " + name + " "):
                return int(int(line.split()[2]) + OFFSET * 1e6) % DAY
    return None


def lines():
    with open(DIR + "/out/switcher.log") as f:
        return len(f.read().splitlines())


def switcher_round(picture=None):
    before = lines()
    if picture:
        p = in_root("wtype", "-M", "logo", "-k", "Tab", "-s", "2500", "-k", "Escape", "-m", "logo")
        time.sleep(1.5)
        with open(picture, "wb") as f:
            subprocess.run(["chroot", ROOT, "grim", "-"], env=ENV, stdout=f, check=True)
        rss = memory()
        p.wait()
        return rss
    at = press("-M", "logo", "-k", "Tab", "-s", "250", "-k", "Escape", "-m", "logo")
    drawn, shown = trace("drawn", before), trace("shown", before)
    if drawn is None or shown is None:
        sys.exit("bench: the overlay did not come")
    return (drawn - at) / 1000, (shown - at) / 1000


def fuzzel_round():
    log = DIR + "/out/fuzzel.log"
    if os.path.exists(log):
        os.unlink(log)
    at = press("-M", "logo", "-k", "F12", "-m", "logo")
    drawn = shown = None
    until = time.monotonic() + 20
    while (drawn is None or shown is None) and time.monotonic() < until:
        time.sleep(0.1)
        drawn, shown = fuzzel_told(log)
    while subprocess.run(["pgrep", "-x", "fuzzel"], stdout=subprocess.DEVNULL, check=False).returncode == 0:
        in_root("wtype", "-s", "200", "-k", "Escape").wait()
    if drawn is None:
        sys.exit("bench: fuzzel did not draw")
    return (drawn - at) / 1000, (shown - at) / 1000 if shown else None


def fuzzel_told(log):
    """When fuzzel's trace says that its first frame was handed over, and presented; None for what it does not say."""
    if not os.path.exists(log):
        return None, None
    with open(log) as f:
        told = list(stamps(f.read()))
    drawn = shown = callback = attached = None
    for when, what in told:
        if drawn is None and re.search(r"wl_surface[#@]\d+\.attach\(wl_buffer", what):
            attached = True
        m = re.search(r"wl_surface[#@]\d+\.frame\(new id wl_callback[#@](\d+)\)", what)
        if m and drawn is None:
            callback = m[1]
        if attached and drawn is None and re.search(r"wl_surface[#@]\d+\.commit\(\)", what):
            drawn = when
        if drawn and callback and shown is None and re.search(rf"wl_callback[#@]{callback}\.done", what):
            shown = when
    return drawn, shown


def memory():
    with open(f"/proc/{PID}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])


def switches():
    with open(f"/proc/{PID}/status") as f:
        return sum(int(n) for n in re.findall(r"ctxt_switches:\s+(\d+)", f.read()))


def row(what, unit, ours, goal, against=None):
    print(json.dumps({"figure": "switcher", "row": what, "where": "native", "unit": unit, "ours": {"what": "spine-switcher", "samples": ours},
                      "against": {"what": "fuzzel", "samples": against} if against else None, "goal": goal}), flush=True)


def main():
    own, other = [], []
    for n in range(ROUNDS + WARM_UP):
        a = switcher_round()
        time.sleep(0.4)
        b = fuzzel_round()
        time.sleep(0.4)
        if n >= WARM_UP:
            own.append(a)
            other.append(b)
    told = [b[1] for b in other if b[1]]
    row("to first frame handed over", "ms", [a[0] for a in own], {"ratio_min": 2}, [b[0] for b in other])
    row("to frame presented", "ms", [a[1] for a in own], {"median_max": 33}, told)
    row("memory with 8 pictures at 1080p, shown", "MiB", [switcher_round(PICTURE) / 1024], {"value_max": 15})
    time.sleep(7)
    row("memory, hidden", "MiB", [memory() / 1024], {"value_max": 15})
    before = switches()
    time.sleep(10)
    row("wake-ups in 10 s, hidden", "wake-ups", [switches() - before], {"value_max": 0})


main()
