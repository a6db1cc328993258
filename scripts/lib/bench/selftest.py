# SPDX-License-Identifier: MIT
"""TAP: the arithmetic of scripts/bench, its table and its plots, with numbers worked out by hand."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from bench import frame, show  # noqa: E402

n = bad = 0


def ok(name, got, want):
    global n, bad
    n += 1
    bad += got != want
    print(f"{'ok' if got == want else 'not ok'} {n} - {name}" + (f"\n# got {got!r}, want {want!r}" if got != want else ""))


def row(ours, against=None, **more):
    return dict({"figure": "switch", "row": "r", "where": "native", "unit": "ms", "ours": {"what": "a", "samples": ours},
                 "against": {"what": "b", "samples": against} if against else None, "goal": {}}, **more)


def met(slack=0, **more):
    return [g["met"] for g in frame.judged(row(**more), slack)["goals"]]


hundred = list(range(100, 0, -1))
ok("median of an odd number", frame.median([3, 1, 2]), 2)
ok("median of an even number lies between", frame.median([4, 1, 2, 3]), 2.5)
ok("median of one", frame.median([7]), 7)
ok("p95 of a hundred", frame.percentile(hundred, 95), 95)
ok("p99 of a hundred", frame.percentile(hundred, 99), 99)
ok("p99 of ten is the most", frame.percentile(hundred[:10], 99), 100)
ok("p95 of one", frame.percentile([7], 95), 7)
ok("the samples stay in their order", hundred[0], 100)
s = frame.summary([5, 1, 3])
ok("a summary", (s["median"], s["p95"], s["p99"], s["least"], s["most"], s["runs"]), (3, 5, 5, 1, 5, 3))

ok("ratio: so many times faster", frame.ratio(row([2, 2], [50, 50])), 25)
ok("ratio of an overhead: so much of the other", frame.ratio(row([12], [10], goal={"ratio_max": 1.2})), 1.2)
ok("ratio where more is better", frame.ratio(row([30], [10], better="higher")), 3)
ok("where more is better and a cost is asked for", frame.ratio(row([5], [10], better="higher", goal={"ratio_max": 3})), 2)
ok("ratio without another side", frame.ratio(row([1])), None)
ok("ratio to nothing", frame.ratio(row([0], [1])), float("inf"))

ok("a goal that is just met", met(ours=[2], against=[50], goal={"ratio_min": 25}), [True])
ok("a goal that is just missed", met(ours=[2.001], against=[50], goal={"ratio_min": 25}), [False])
ok("p95 and p99 are not the median", met(ours=hundred, goal={"median_max": 51, "p95_max": 94, "p99_max": 99}), [True, False, True])
ok("value_max is for each sample", met(ours=[1, 9], goal={"value_max": 8}), [False])
ok("value_min is for each sample", met(ours=[1, 9], goal={"value_min": 2}), [False])
ok("twice as mild: a most", met(2, ours=[15], goal={"median_max": 8}), [True])
ok("twice as mild, and missed", met(2, ours=[17], goal={"median_max": 8}), [False])
ok("twice as mild: a least", met(2, ours=[4], against=[50], goal={"ratio_min": 25}), [True])
ok("a guard does not look at the tail", met(2, ours=[1, 1, 1, 90], goal={"p99_max": 2, "p95_max": 0.4}), [False, True])
ok("twice nothing is nothing", met(2, ours=[1], goal={"value_max": 0}), [False])

ok("a good row", frame.wrong(row([1], [2], goal={"ratio_min": 2}, note="n")), None)
for name, change in {"no samples": {"ours": {"what": "a", "samples": []}}, "a sample that is no number": {"ours": {"what": "a", "samples": ["1"]}},
                     "a sample that is true": {"ours": {"what": "a", "samples": [True]}}, "nan": {"ours": {"what": "a", "samples": [float("nan")]}},
                     "another place": {"where": "moon"}, "an unknown goal": {"goal": {"p50_max": 1}}, "an unknown key": {"extra": 1},
                     "a ratio to nobody": {"goal": {"ratio_min": 2}}, "two kinds of ratio": {"against": {"what": "b", "samples": [1]}, "goal": {"ratio_min": 1, "ratio_max": 2}},
                     "a figure that is no word": {"figure": 1}}.items():
    ok(f"refused: {name}", frame.wrong(dict(row([1]), **change)) is not None, True)
ok("refused: no ours", frame.wrong({k: v for k, v in row([1]).items() if k != "ours"}) is not None, True)

ok("three digits", [show.short(v) for v in (0, 0.01234, 4.618, 99.96, 1234.5, None)], ["0", "0.0123", "4.62", "100", "1234", "–"])
rows = [frame.judged(row([2, 2], [50, 50], goal={"ratio_min": 25}, note="why")), frame.judged(row([3], unit="MiB", figure="other", goal={"value_max": 2}, row="a|b"))]
table = show.markdown(rows, "Taken now.")
ok("a row of the table", "| [focus switch, request to answer](bench/switch.svg) | r (1) | native | ms | a: 2 / 2 / 2 | b: 50 / 50 / 50 | 2 | 25 x | ≥ 25 x | met |" in table, True)
ok("one that is missed, and a bar in a name", "| [other](bench/other.svg) | a/b | native | MiB | a: 3 | – | 1 | – | ≤ 2 (3) | **missed** |" in table, True)
ok("the note", "\n1. why\n" in table, True)
page = f"before\n{show.BEGIN}\nold\n{show.END}\nafter\n"
ok("the table takes the place of the old one", show.put_table(page, table), f"before\n{table}\nafter\n")
ok("and again", show.put_table(show.put_table(page, table), table), f"before\n{table}\nafter\n")
try:
    ok("a page without marks is refused", show.put_table("before\n", table), None)
except ValueError:
    ok("a page without marks is refused", None, None)
drawn = subprocess.run(["gnuplot"], input=show.plot_text("switch", rows + [frame.judged(row([0], unit="wake-ups"))]), text=True, capture_output=True, check=False)
ok("gnuplot draws it without a word", (drawn.returncode, drawn.stderr, drawn.stdout.count("<svg"), drawn.stdout.rstrip().endswith("</svg>")), (0, "", 1, True))
print(f"1..{n}")
sys.exit(bad > 0)
