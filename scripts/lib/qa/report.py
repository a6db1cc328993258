# SPDX-License-Identifier: MIT
"""What a loop says: a line of progress, losses with the command that repeats them, figures, and a report as JSON."""
import json
import os
import shlex
import statistics
import sys
import time


def spread(values):
    """Median, 95th percentile and longest, in seconds."""
    v = sorted(values)
    return {"n": len(v), "median": round(statistics.median(v), 2), "p95": round(v[min(len(v) - 1, int(len(v) * 0.95))], 2), "max": round(v[-1], 2)}


class Report:
    def __init__(self, loop, options, out):
        self.loop, self.options, self.out = loop, options, out
        self.began = time.monotonic()
        self.done, self.losses, self.times, self.counts, self.figures = 0, [], {}, {}, {}
        self.width = 0

    def time(self, what, seconds):
        self.times.setdefault(what, []).append(seconds)

    def count(self, what, n=1):
        self.counts[what] = self.counts.get(what, 0) + n

    def folder(self, number):
        path = os.path.join(self.out, f"round-{number}")
        os.makedirs(path, exist_ok=True)
        return path

    def repeat(self, number, start=None):
        words = ["scripts/qa", self.loop, "--rounds", "1", "--first", str(number), "--seed", str(self.options.seed)]
        return shlex.join(words + (["--from", start] if start else []) + (["--short"] if self.options.short else []))

    def loss(self, number, texts, start=None):
        for text in texts:
            self.losses.append({"round": number, "what": text, "repeat": self.repeat(number, start), "evidence": os.path.join(self.out, f"round-{number}")})
            print(f"\nLOSS in round {number}: {text}\n     again: {self.losses[-1]['repeat']}", file=sys.stderr, flush=True)

    def progress(self, rounds=None, until=None):
        """One line that is written over on a terminal, and a line each otherwise."""
        spent = time.monotonic() - self.began
        left = until - spent if until else spent / max(self.done, 1) * (rounds - self.done)
        of = f"/{rounds}" if rounds else ""
        line = f"{self.loop}: {self.done}{of} rounds, {len(self.losses)} losses, {max(left, 0):.0f} s left"
        sys.stdout.write(("\r" + line.ljust(self.width)) if sys.stdout.isatty() else line + "\n")
        sys.stdout.flush()
        self.width = len(line)

    def close(self):
        """Prints the figures, writes the JSON; the exit status."""
        body = {"loop": self.loop, "seed": self.options.seed, "command": shlex.join(["scripts/qa", *sys.argv[1:]]), "rounds": self.done,
                "losses": self.losses, "seconds": round(time.monotonic() - self.began, 1), "counts": self.counts, "figures": self.figures,
                "times": {k: spread(v) for k, v in sorted(self.times.items())}}
        path = self.options.json or os.path.join(self.out, "report.json")
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            json.dump(body, f, indent=1)
            f.write("\n")
        if sys.stdout.isatty():
            print()
        for what, t in body["times"].items():
            print(f"{what}: median {t['median']} s, p95 {t['p95']} s, max {t['max']} s ({t['n']})")
        for what, n in {**self.counts, **self.figures}.items():
            print(f"{what}: {n}")
        print(f"{self.loop}: {self.done} rounds, {len(self.losses)} losses in {body['seconds']} s; {path}")
        return 1 if self.losses else 0
