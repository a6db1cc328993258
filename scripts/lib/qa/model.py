# SPDX-License-Identifier: MIT
"""What a run of random operations must have led to: the state of each persona, what an operation makes of it, what must be answered,
and which states are allowed when the power went in the middle. Pure: no clock, no files, random numbers from the generator it is given."""
import copy
import hashlib
from dataclasses import dataclass, field

IMAGE = "localhost/persona-busybox"


def numbers(first, last):
    """The content of a file: what `seq FIRST LAST` prints, as a digest."""
    return hashlib.md5("".join(f"{i}\n" for i in range(first, last + 1)).encode()).hexdigest()


@dataclass
class Persona:
    """What was asked for, as far as it was answered."""
    background: str = "freeze"
    autostart: bool = False
    churn: bool = False  # may be removed and wiped
    registered: bool = False
    running: bool = False  # started, and not stopped
    home: bool = False
    files: dict = field(default_factory=dict)  # name -> digest
    loose: set = field(default_factory=set)  # files that were being written: anything or nothing may be in them
    mark: str = ""  # digest of what was installed in its own root, "" for nothing
    mark_loose: bool = False
    ended: bool = False  # the power went during its stop, which the next start of bay0 finishes

    def up(self, booted):
        """Runs: as it was asked for; after a boot also because it starts by itself."""
        return self.registered and (self.running or booted and self.autostart and not self.ended)


@dataclass
class Op:
    n: int
    verb: str
    id: str
    words: tuple = ()
    want: tuple = ("ok",)  # "ok" or the codes of the errors that it may be answered with

    def line(self):
        return " ".join([str(self.n), self.verb, self.id, *map(str, self.words)])


# A switch can be overtaken by another one, and needs a compositor that is up.
FOCUS = ("ok", "superseded", "sway-failed")


def outcome(p, verb):
    """How an operation on a persona in this state must be answered."""
    if verb == "add":
        return ("persona-exists",) if p.registered else ("ok",)
    if not p.registered:
        return ("no-such-persona",)
    if verb in ("start", "rm", "wipe"):
        return ("already-running",) if p.running else ("ok",)
    if verb == "wipe-wrong":
        return ("confirm-mismatch", "bad-value")
    if not p.running:
        return ("not-running",)
    return FOCUS if verb == "focus" else ("ok",)


def apply(p, op):
    """The persona after the operation, when it was answered well."""
    q = copy.deepcopy(p)
    if op.verb == "add":
        q.registered, q.home = True, True
        q.background, q.autostart = op.words[1], "--autostart" in op.words
        q.mark, q.mark_loose, q.running = "", False, False
    elif op.verb in ("start", "stop"):
        q.running = op.verb == "start"
    elif op.verb in ("rm", "wipe"):
        q.registered = q.running = q.mark_loose = False
        q.mark = ""
        if op.verb == "wipe":
            q.home, q.files, q.loose = False, {}, set()
    elif op.verb in ("write", "over"):
        q.files[op.words[2]] = numbers(*op.words[:2])
        q.loose.discard(op.words[2])
    elif op.verb == "del":
        q.files.pop(op.words[0], None)
        q.loose.discard(op.words[0])
    elif op.verb == "install":
        q.mark, q.mark_loose = numbers(*op.words[:2]), False
    return q


def candidates(p, op):
    """The states that are allowed when the power went during op: as before, or as asked; a file that was being written may be anything."""
    if op is None:
        return [p]
    before, after = copy.deepcopy(p), apply(p, op)
    if op.want != ("ok",) and op.want != FOCUS:
        return [before]  # it would have been refused
    if op.verb == "write":
        before.loose.add(op.words[2])
        return [before]
    if op.verb == "install":
        before.mark_loose = True
        return [before]
    allowed = [before] if before == after else [before, after]
    if op.verb == "stop":
        allowed.append(copy.deepcopy(after))
        allowed[-1].ended = True
    return allowed


class Writer:
    """Makes valid, and now and then refused, operations for some personas of a world."""

    def __init__(self, rng, world, ids, first):
        self.rng, self.ids, self.n = rng, ids, first
        self.world = {i: copy.deepcopy(world[i]) for i in ids}

    def verb(self, p):
        r = self.rng.random()
        if not p.registered:
            return "add" if r < 0.85 else self.rng.choice(["start", "rm", "focus"])
        table = [("start", 60), ("stop", 5), ("add", 5), ("focus", 3)] if not p.running else \
            [("write", 24), ("over", 12), ("del", 6), ("focus", 16), ("stop", 24), ("install", 8), ("start", 4), ("add", 3), ("wipe-wrong", 3)]
        if p.churn and not p.running:
            table += [("rm", 14), ("wipe", 14)]
        if p.churn and p.running:
            table += [("rm", 3)]
        return self.rng.choices([v for v, _ in table], [w for _, w in table])[0]

    def words(self, p, verb):
        first = self.n * 100000
        span = (first, first + self.rng.randrange(4000))
        if verb == "add":
            return (IMAGE, self.rng.choice(["freeze", "run"]), *(["--autostart"] if self.rng.random() < 0.3 else []))
        if verb == "write":
            return (*span, f"f{self.n}")
        if verb == "over":
            return (*span, self.rng.choice(sorted(p.files)))
        if verb == "del":
            return (self.rng.choice(sorted(p.files)),)
        return span if verb == "install" else ()

    def next(self):
        who = self.rng.choice(self.ids)
        p = self.world[who]
        verb = self.verb(p)
        if verb in ("over", "del") and not p.files:
            verb = "write"
        op = Op(self.n, verb, who, self.words(p, verb), outcome(p, verb))
        self.n += 1
        if "ok" in op.want:
            self.world[who] = apply(p, op)
        return op


def follow(world, ops, said):
    """Goes through one worker's operations and its answers. ops: in order; said: n -> None while under way, else (code, text).
    Returns (world: id -> list of allowed states, losses)."""
    now = {i: [copy.deepcopy(p)] for i, p in world.items()}
    losses = []
    for op in ops:
        if op.n not in said:
            break
        p = now[op.id][0]
        if said[op.n] is None:
            now[op.id] = candidates(p, op)
            break
        code, text = said[op.n]
        if code not in op.want:
            losses.append(f"operation {op.line()}: answered {code} ({text}), not {' or '.join(op.want)}")
            # Nobody knows now what it did; what is seen decides, and what hangs on it is not blamed again.
            now[op.id] = candidates(p, Op(op.n, op.verb, op.id, op.words)) if op.verb not in ("write", "over") else [p]
            break
        if code == "ok":
            now[op.id] = [apply(p, op)]
    return now, losses
