# SPDX-License-Identifier: MIT
"""The figures' arithmetic: what a row is, its statistics, its ratio, whether its goals are met. No files, no clock."""
import math

# Order and titles of the figures in tables; one that is not here comes last under its own name.
TITLES = {
    "switch": "focus switch, request to answer",
    "freeze": "freeze and thaw, write to confirmed",
    "ps": "spine ps",
    "socket": "control socket",
    "start": "persona start",
    "window": "persona start to first window",
    "relay": "ai socket through spine-relay",
    "memory": "memory, PSS",
    "boot": "boot",
    "poweroff": "poweroff",
    "idle": "idle cost of bay0",
    "switcher": "key press to overlay",
}
STATS = ("median", "p95", "p99", "value", "ratio")
KEYS = {"figure", "row", "where", "unit", "ours", "against", "goal", "note", "better"}


def percentile(samples, p):
    """Nearest rank: the least sample that p per cent of all are not above."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(len(ordered) * p / 100) - 1)]


def median(samples):
    ordered = sorted(samples)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def numbers(samples):
    return isinstance(samples, list) and samples and all(type(s) in (int, float) and math.isfinite(s) for s in samples)


def side_wrong(side):
    if not isinstance(side, dict) or set(side) != {"what", "samples"} or not isinstance(side["what"], str):
        return "is not {what, samples}"
    return None if numbers(side["samples"]) else "has no list of numbers"


def wrong(row):
    """What is wrong with a row as a figure printed it; None for a good one."""
    if not isinstance(row, dict) or not {"figure", "row", "where", "unit", "ours"} <= set(row) <= KEYS:
        return "a row has figure, row, where, unit, ours and may have " + ", ".join(sorted(KEYS - {"figure", "row", "where", "unit", "ours"}))
    if not all(isinstance(row.get(k, ""), str) for k in ("figure", "row", "where", "unit", "note")):
        return "figure, row, where, unit and note are words"
    if row["where"] not in ("vm", "native") or row.get("better", "lower") not in ("lower", "higher"):
        return "where is vm or native, better is lower or higher"
    for side in ("ours", "against"):
        why = side_wrong(row[side]) if row.get(side) is not None else None
        if why:
            return f"{side} {why}"
    goal = row.get("goal") or {}
    if not isinstance(goal, dict) or not all(numbers([v]) for v in goal.values()):
        return "goal is a table of numbers"
    for key in goal:
        if key.rpartition("_")[0] not in STATS or key.rpartition("_")[2] not in ("min", "max"):
            return f"goal {key} is not STAT_min or STAT_max with STAT of " + ", ".join(STATS)
        if key.startswith("ratio_") and row.get("against") is None:
            return f"goal {key} without a side to compare with"
    if "ratio_min" in goal and "ratio_max" in goal:
        return "a ratio is either so many times better (ratio_min) or so much of the other (ratio_max)"
    return None


def summary(samples):
    return {"median": median(samples), "p95": percentile(samples, 95), "p99": percentile(samples, 99),
            "least": min(samples), "most": max(samples), "runs": len(samples)}


def ratio(row):
    """How many times better ours is; with a goal of ratio_max how much of the other it takes. None without another side."""
    if row.get("against") is None:
        return None
    ours, against = median(row["ours"]["samples"]), median(row["against"]["samples"])
    if ("ratio_max" in (row.get("goal") or {})) != (row.get("better") == "higher"):
        ours, against = against, ours
    return against / ours if ours else math.inf


def judged(row, slack=0):
    """The row with its statistics and, for each goal, what was reached. slack makes each goal that many times milder, and a goal of p95 or p99
    one of the median: the tail of a few runs on a busy machine says nothing of the program."""
    mild = slack or 1
    done = dict(row, ours=dict(row["ours"], **summary(row["ours"]["samples"])), ratio=ratio(row), goals=[])
    if row.get("against") is not None:
        done["against"] = dict(row["against"], **summary(row["against"]["samples"]))
    for key, limit in sorted((row.get("goal") or {}).items()):
        stat, _, kind = key.rpartition("_")
        if stat == "value":
            got = done["ours"]["most" if kind == "max" else "least"]
        else:
            got = done["ratio"] if stat == "ratio" else done["ours"]["median" if slack else stat]
        met = got <= limit * mild if kind == "max" else got >= limit / mild
        done["goals"].append({"stat": stat, "kind": kind, "limit": limit, "got": got, "met": met})
    return done


def order(row):
    names = list(TITLES)
    return names.index(row["figure"]) if row["figure"] in TITLES else len(names)
