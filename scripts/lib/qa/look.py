# SPDX-License-Identifier: MIT
"""Reads what look.sh printed in the Spine and judges it: against the allowed states of each persona, and against what always holds. Pure."""
import copy
import json
from dataclasses import dataclass, field

# In this directory below the files of a home that the oracle does not follow have a dot.
UNDER_WAY = ("adding", "starting", "stopping", "removing")


@dataclass
class Seen:
    personas: dict = field(default_factory=dict)  # id -> row of `spine ps`
    services: dict = field(default_factory=dict)
    homes: dict = field(default_factory=dict)  # id -> {file: digest}
    marks: dict = field(default_factory=dict)  # id -> digest or ""
    groups: dict = field(default_factory=dict)  # id -> "populated 0 frozen 0"
    containers: dict = field(default_factory=dict)  # name -> status
    left: list = field(default_factory=list)  # what should not be there at all
    bay0: dict = field(default_factory=dict)  # rss, fds
    open: list = field(default_factory=list)  # what bay0 has open
    complete: bool = False


def read(text):
    """Lines of look.sh: a word that says what, then its fields."""
    seen = Seen()
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        word = rest.split(" ")
        if kind == "ps":
            seen.personas = {p["id"]: p for p in json.loads(rest)["personas"]}
        elif kind == "services":
            seen.services = {s["name"]: s for s in json.loads(rest)["services"]}
        elif kind == "home":
            seen.homes.setdefault(rest, {})
        elif kind == "file":  # DIGEST ./ID/NAME
            digest, _, path = rest.partition("  ./")
            who, _, name = path.partition("/")
            seen.homes.setdefault(who, {})[name] = digest
        elif kind == "mark":
            seen.marks[word[0]] = word[1] if len(word) > 1 else ""
        elif kind == "group":
            seen.groups[word[0]] = " ".join(word[1:])
        elif kind == "container":
            seen.containers[word[0]] = word[-1]
        elif kind == "left":
            seen.left.append(rest)
        elif kind == "bay0":
            seen.bay0 = {"rss": int(word[0]), "fds": int(word[1])}
        elif kind == "open":
            seen.open.append(rest)
        elif kind == "end":
            seen.complete = True
    return seen


def differs(p, who, seen, booted):
    """What speaks against the persona being in state p; booted: nothing was asked for since the boot."""
    bad = []
    row = seen.personas.get(who)
    if (row is not None) != p.registered:
        return [f"it is {'not ' if row is None else ''}registered"]
    if row:
        want = "running" if p.up(booted) else "stopped"
        if row["state"] != want:
            bad.append(f"it is {row['state']}, not {want}" + (f" ({row['error']})" if row.get("error") else ""))
        if row["background"] != p.background:
            bad.append(f"its background is {row['background']}, not {p.background}")
    if (who in seen.homes) != p.home:
        bad.append(f"its home is {'' if who in seen.homes else 'not '}there")
    files = seen.homes.get(who, {})
    for name in sorted(set(files) | set(p.files)):
        if name in p.loose or files.get(name) == p.files.get(name):
            continue
        if name not in files:
            bad.append(f"{name} is gone from its home")
        elif name not in p.files:
            bad.append(f"{name} is in its home and nobody put it there")
        else:
            bad.append(f"{name} has other content than was synced")
    if who in seen.marks and not p.mark_loose and seen.marks[who] != p.mark:
        bad.append(f"its own root is not the one that was synced (mark '{seen.marks[who]}', not '{p.mark}')")
    return bad


def settle(allowed, who, seen, booted):
    """(state, losses): the allowed state that is there, with what was loose as it was found; or what speaks against each."""
    best = None
    for p in allowed:
        bad = differs(p, who, seen, booted)
        if best is None or len(bad) < len(best[1]):
            best = (p, bad)
        if not bad:
            break
    state, bad = copy.deepcopy(best[0]), best[1]
    files = seen.homes.get(who, {})
    for name in state.loose:
        state.files.pop(name, None)
    # What is there now is what later operations are measured by, also after a loss.
    state.files.update(files)
    for name in [n for n in state.files if n not in files]:
        del state.files[name]
    state.loose = set()
    if who in seen.marks:
        state.mark, state.mark_loose = seen.marks[who], False
    state.home = who in seen.homes
    state.registered = who in seen.personas
    if state.registered:
        row = seen.personas[who]
        state.running, state.background = row["state"] == "running", row["background"]
    else:
        state.running, state.mark, state.mark_loose = False, "", False
    state.ended = False
    shape = "" if len(allowed) < 2 else f" (one of {len(allowed)} allowed states; this is against the nearest)"
    return state, [f"persona {who}: {b}{shape}" for b in bad]


def always(seen, known):
    """What holds at any time when nothing is under way: nobody frozen who should run, nothing left over. known: ids of the world."""
    bad = [] if seen.complete else ["the look into the Spine did not come to its end"]
    for who, row in seen.personas.items():
        if row["state"] in UNDER_WAY:
            bad.append(f"persona {who} hangs in '{row['state']}'")
        if row["frozen"] and (row["focus"] or row["background"] != "freeze" or row["state"] != "running"):
            bad.append(f"persona {who} is frozen and should not be: {json.dumps(row)}")
        if who not in known:
            bad.append(f"persona {who} is registered and nobody added it")
    running = {w for w, row in seen.personas.items() if row["state"] == "running"}
    for who, state in seen.groups.items():
        if who not in running:
            bad.append(f"control group of {who} is left over: {state}")
        elif "populated 0" in state:
            bad.append(f"control group of {who}, which is said to run, is empty")
        if "frozen 1" in state and not seen.personas.get(who, {}).get("frozen"):
            bad.append(f"the kernel says that {who} is frozen, bay0 does not")
    for name, status in seen.containers.items():
        who = name.removeprefix("persona-")
        if not name.startswith("persona-"):
            continue
        if who not in seen.personas:
            bad.append(f"container {name} is left over ({status})")
        elif (status == "running") != (who in running):
            bad.append(f"podman says that {name} is {status}, bay0 says {seen.personas[who]['state']}")
    bad += [f"persona {w} runs without a container" for w in running if f"persona-{w}" not in seen.containers]
    bad += [f"home of {w} is left over" for w in seen.homes if w not in known]
    return bad + [f"left over: {what}" for what in seen.left]


def judge(allowed, seen, booted=False):
    """(world, losses) for allowed: id -> list of allowed states."""
    world, losses = {}, always(seen, allowed)
    for who, states in allowed.items():
        world[who], bad = settle(states, who, seen, booted)
        losses += bad
    return world, losses
