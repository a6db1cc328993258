# SPDX-License-Identifier: MIT
"""TAP: the oracle's own tests: what it must allow, and above all what it must refuse."""
import copy
import json
import os
import random
import sqlite3
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from qa import disk, look, machine, model, prove, rounds, wlog, writecut  # noqa: E402

n = bad = 0


def ok(name, holds, why=""):
    global n, bad
    n += 1
    bad += not holds
    print(f"{'ok' if holds else 'not ok'} {n} - {name}" + (f"\n# {why}" if not holds else ""))


def persona(**more):
    return model.Persona(registered=True, running=True, home=True, files={"a": "1", "b": "2"}, mark="m", **more)


def seen_of(world, booted=True, **change):
    """What a look at a Spine that is as the world says gives."""
    s = look.Seen(complete=True)
    for who, p in world.items():
        if p.registered:
            s.personas[who] = {"id": who, "state": "running" if p.up(booted) else "stopped", "frozen": False, "focus": False, "background": p.background}
            s.containers[f"persona-{who}"] = "running" if p.up(booted) else "exited"
            if p.up(booted):
                s.groups[who] = "populated 1 frozen 0"
                s.marks[who] = p.mark
        if p.home:
            s.homes[who] = dict(p.files)
    for key, value in change.items():
        setattr(s, key, value)
    return s


def judged(world, seen, booted=True):
    return look.judge({i: p if isinstance(p, list) else [p] for i, p in world.items()}, seen, booted)[1]


def harm(name, word, change):
    """One harm to a sound Spine must be found and named, and nothing else with it."""
    world = {"keep": persona(background="run"), "idle": persona()}
    seen = seen_of(world)
    change(seen)
    lost = judged(world, seen)
    ok(f"found: {name}", any(word in t for t in lost), f"said: {lost}")


ok("a sound Spine is called sound", judged({"keep": persona()}, seen_of({"keep": persona()})) == [])
harm("another content in a home", "other content", lambda s: s.homes["keep"].update(a="x"))
harm("a file gone from a home", "b is gone", lambda s: s.homes["keep"].pop("b"))
harm("a file from nowhere", "nobody put it there", lambda s: s.homes["keep"].update(c="3"))
harm("a home gone", "home is not there", lambda s: s.homes.pop("keep"))
harm("a home of nobody", "home of ghost", lambda s: s.homes.update(ghost={}))
harm("a registry row gone", "not registered", lambda s: s.personas.pop("keep"))
harm("a row of nobody", "nobody added", lambda s: s.personas.update(ghost=dict(s.personas["keep"], id="ghost")))
harm("one that should run stopped", "stopped, not running", lambda s: s.personas["keep"].update(state="stopped"))
harm("one that failed", "failed, not running", lambda s: s.personas["keep"].update(state="failed"))
harm("one that hangs", "hangs", lambda s: s.personas["keep"].update(state="starting"))
harm("the front frozen", "is frozen", lambda s: s.personas["idle"].update(frozen=True, focus=True))
harm("one frozen that never may", "is frozen", lambda s: s.personas["keep"].update(frozen=True))
harm("frozen behind bay0's back", "bay0 does not", lambda s: s.groups.update(idle="populated 1 frozen 1"))
harm("a control group of nobody", "left over", lambda s: s.groups.update(ghost="populated 0 frozen 0"))
harm("an empty control group of one that runs", "is empty", lambda s: s.groups.update(keep="populated 0 frozen 0"))
harm("a container of nobody", "container persona-ghost", lambda s: s.containers.update({"persona-ghost": "created"}))
harm("podman and bay0 of two minds", "podman says", lambda s: s.containers.update({"persona-keep": "exited"}))
harm("one that runs without a container", "without a container", lambda s: s.containers.pop("persona-keep"))
harm("a root that was made again", "its own root", lambda s: s.marks.update(keep=""))
harm("a broken registry put aside", "left over: x", lambda s: s.left.append("x"))
harm("a look that broke off", "did not come to its end", lambda s: setattr(s, "complete", False))

# Who starts by itself
auto = persona(autostart=True)
auto.running = False
ok("one that starts by itself runs after a boot", judged({"x": auto}, seen_of({"x": auto})) == [])
ok("and must", bool(judged({"x": auto}, seen_of({"x": auto}, booted=False))))
ok("and stays stopped until then", judged({"x": auto}, seen_of({"x": auto}, booted=False), booted=False) == [])

# Between before and after: each operation cut in the middle
RUNNING, STOPPED, NONE = persona(churn=True), persona(churn=True), model.Persona(churn=True)
STOPPED.running = False
IDS = {"add": NONE, "start": STOPPED, "stop": RUNNING, "rm": STOPPED, "wipe": STOPPED, "over": RUNNING, "del": RUNNING, "write": RUNNING, "install": RUNNING}
WORDS = {"add": (model.IMAGE, "run"), "over": (1, 2, "a"), "del": ("a",), "write": (1, 2, "f1"), "install": (1, 2)}
for verb, p in IDS.items():
    op = model.Op(1, verb, "x", WORDS.get(verb, ()))
    allowed = model.candidates(p, op)
    for name, state in (("before", p), ("after", model.apply(p, op))):
        ok(f"{verb} cut off: {name} is allowed", judged({"x": allowed}, seen_of({"x": state})) == [], str(judged({"x": allowed}, seen_of({"x": state}))))
    ok(f"{verb} answered: before is refused", bool(judged({"x": [model.apply(p, op)]}, seen_of({"x": p}))))
    ok(f"{verb} not begun: after is refused", bool(judged({"x": [p]}, seen_of({"x": model.apply(p, op)}))))


def between(name, verb, change):
    p = IDS[verb]
    op = model.Op(1, verb, "x", WORDS.get(verb, ()))
    state = copy.deepcopy(p)
    change(state)
    ok(f"between is refused: {name}", bool(judged({"x": model.candidates(p, op)}, seen_of({"x": state}))))


between("a wipe that took half of a home", "wipe", lambda p: p.files.pop("a"))
between("a wipe that left the row", "wipe", lambda p: (setattr(p, "home", False), setattr(p, "files", {})))
between("a removal that took the home", "rm", lambda p: (setattr(p, "registered", False), setattr(p, "home", False), setattr(p, "files", {})))
between("an add that left a home without a row", "add", lambda p: setattr(p, "home", True))
between("an add that left a row without a home", "add", lambda p: setattr(p, "registered", True))
between("a file replaced by half of it", "over", lambda p: p.files.update(a="half"))
between("a file replaced by nothing", "over", lambda p: p.files.pop("a"))
between("a neighbour of a file that was written", "write", lambda p: p.files.pop("b"))

# Answers
ops = [model.Op(1, "stop", "x"), model.Op(2, "start", "x"), model.Op(3, "rm", "x", (), ("already-running",))]
now, lost = model.follow({"x": RUNNING}, ops, {1: ("ok", ""), 2: None})
ok("what was answered holds, what was begun may", not lost and {p.running for p in now["x"]} == {True, False})
now, lost = model.follow({"x": RUNNING}, ops, {1: ("ok", ""), 2: ("ok", ""), 3: ("already-running", "")})
ok("a refusal changes nothing", not lost and [p.running for p in now["x"]] == [True])
ok("an operation that failed is a loss", bool(model.follow({"x": RUNNING}, ops, {1: ("podman-failed", "x")})[1]))
ok("a refusal that was not given is a loss", bool(model.follow({"x": RUNNING}, ops, {1: ("ok", ""), 2: ("ok", ""), 3: ("ok", "")})[1]))

# The generator
world = {"keep": persona(), "temp1": model.Persona(churn=True)}


def made(seed):
    w = model.Writer(random.Random(seed), world, ("keep", "temp1"), 1000)
    return [w.next() for _ in range(2000)]


ops = made("a")
ok("a seed makes the same operations again", [o.line() for o in ops] == [o.line() for o in made("a")] and ops != made("b"))
ok("every operation is made", {o.verb for o in ops} >= {"add", "start", "stop", "rm", "wipe", "wipe-wrong", "focus", "write", "over", "del", "install"})
ok("who is to be kept is never removed", not any(o.id == "keep" and o.verb in ("rm", "wipe") and "ok" in o.want for o in ops))
now, lost = model.follow(world, ops, {o.n: (o.want[0], "") for o in ops})
ok("a run that is answered as it must be has no loss", not lost)

# From outside
allowed = {i: [p, copy.deepcopy(p)] for i, p in world.items()}
ok("the allowed states survive their file", rounds.load(rounds.dump(allowed)) == allowed)
steps = [(3, 9, model.Op(1, "add", "keep", (model.IMAGE, "run"))), (9, 9, model.Op(2, "focus", "keep"))]
ok("and so does a recorded run", writecut.load_run(writecut.dump_run(world, steps)) == (world, steps))
ok("garbage in a registry is noticed", prove.registry_blind() == [])
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "personas.db")
    db = sqlite3.connect(path)
    db.executescript("CREATE TABLE persona (id TEXT, wanted INTEGER); INSERT INTO persona VALUES ('x', 1);"
                     "CREATE TABLE journal (entry INTEGER, operation TEXT, id TEXT, detail TEXT)")
    db.close()
    words, rows, journal = disk.registry(path)
ok("rows of a registry are read", (words, rows, journal) == (["ok"], {"x": True}, []))
ok("a row that no allowed state has is refused", bool(disk.row_losses(rows, [], {"x": [NONE]})))
ok("a row that is missing is refused", bool(disk.row_losses({}, [], {"x": [RUNNING]})))
ok("what the journal still holds is left to bay0", disk.row_losses({}, [("add", "x", "")], {"x": [RUNNING]}) == [])



# The recorded run
def write_log(path, items):
    """items: (sector, data) or a flag alone."""
    with open(path, "wb") as f:
        f.write(wlog.SUPER.pack(wlog.MAGIC, wlog.VERSION, len(items), 512).ljust(512, b"\0"))
        for item in items:
            where, data, flags = (item[0], item[1], 0) if isinstance(item, tuple) else (0, b"", item)
            f.write(wlog.ENTRY.pack(where, len(data) // 512, flags, 0).ljust(512, b"\0") + data)


with tempfile.TemporaryDirectory() as folder:
    log, image = os.path.join(folder, "log"), os.path.join(folder, "image")
    write_log(log, [(0, b"a" * 1024), wlog.FLUSH, (1, b"b" * 512), (3, b"c" * 512), wlog.FLUSH])
    with open(image, "wb") as f:
        f.truncate(4096)
    some, sector = wlog.entries(log)
    ok("flushes are found", wlog.flushes(some) == [2, 5] and wlog.count(log) == 5)
    wlog.Disk(image, log, sector).apply(some[:2])
    with open(image, "rb") as f:
        ok("a disk is as it was at the first flush", f.read(2048) == b"a" * 1024 + b"\0" * 1024)
    wlog.Disk(image, log, sector).apply(some[3:4])
    with open(image, "rb") as f:
        ok("a write is left out and a later one is there", f.read(2048) == b"a" * 1024 + b"\0" * 512 + b"c" * 512)
    os.truncate(log, os.path.getsize(log) - 512)
    try:
        wlog.entries(log)
        cut = False
    except wlog.Broken:
        cut = True
    ok("a log that is cut off is refused", cut)

w = writecut.Writecut.__new__(writecut.Writecut)
w.ran = {"x": STOPPED, "y": RUNNING}
w.steps = [(10, 20, model.Op(1, "start", "x")), (25, 30, model.Op(2, "stop", "y"))]


def states(sure, maybe):
    return [sorted(p.running for p in w.allowed(sure, maybe)[who]) for who in "xy"]


ok("nothing has begun", states(10, 10) == [[False], [True]])
ok("one is under way", states(12, 14) == [[False, True], [True]])
ok("one was answered", states(20, 22) == [[True], [True]])
ok("the second is under way", states(26, 29) == [[True], [False, False, True]])
ok("both were answered", states(30, 40) == [[True], [False]])

text = ('ps {"personas":[{"id":"x","state":"running","frozen":false,"focus":true,"background":"run"}]}\nhome x\nfile 12  ./x/f\nmark x 9\n'
        "group x populated 1 frozen 0 \ncontainer persona-x running\nleft thing\nbay0 100 20\nend\n")
seen = look.read(text)
ok("a look is read", (seen.homes, seen.marks, seen.containers, seen.left, seen.bay0, seen.complete) ==
   ({"x": {"f": "12"}}, {"x": "9"}, {"persona-x": "running"}, ["thing"], {"rss": 100, "fds": 20}, True), json.dumps(seen.__dict__))

with tempfile.TemporaryDirectory() as folder:
    m = machine.Machine("none")
    m.acks = os.path.join(folder, "acks")
    with open(m.acks, "w", encoding="utf-8") as f:
        f.write("B 17\nE 17 ok\nB 18\nE 18 disk-full no room\nB 19\nB 2")
    ok("what was said is read, and a line that the cut broke off is not", m.said() == {17: ("ok", ""), 18: ("disk-full", "no room"), 19: None}, m.said())
print(f"1..{n}")
sys.exit(bad > 0)
