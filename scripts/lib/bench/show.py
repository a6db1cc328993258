# SPDX-License-Identifier: MIT
"""Tables for people and for docs/bench.md, and plots by gnuplot, of rows that frame.judged() made."""
import re
import subprocess

from bench import frame

BEGIN, END = "<!-- the table: made by scripts/bench --docs -->", "<!-- the end of the table -->"
WIDTH, LETTER, LINE = 560, 8, 22  # of a plot without its labels, of a letter, of a row: in points


def short(value):
    """Three digits that count; whole numbers from 100 on."""
    if value is None:
        return "–"
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def three(side):
    """Median, p95 and p99, or the one value there is."""
    if side is None:
        return "–"
    if side["runs"] == 1:
        return short(side["median"])
    return " / ".join(short(side[k]) for k in ("median", "p95", "p99"))


def ratio(row):
    if row["ratio"] is None:
        return "–"
    return f"{short(row['ratio'])} x"


def goals(row):
    """Each goal; one that is missed says what was reached."""
    words = {"value": "", "ratio": "", "median": "median ", "p95": "p95 ", "p99": "p99 "}
    return ", ".join(f"{words[g['stat']]}{'≤' if g['kind'] == 'max' else '≥'} {short(g['limit'])}{' x' if g['stat'] == 'ratio' else ''}"
                     + ("" if g["met"] else f" ({short(g['got'])})") for g in row["goals"]) or "–"


def verdict(row):
    if not row["goals"]:
        return "–"
    return "met" if all(g["met"] for g in row["goals"]) else "**missed**"


def cells(row):
    return [row["row"], row["where"], row["unit"], f"{row['ours']['what']}: {three(row['ours'])}",
            f"{row['against']['what']}: {three(row['against'])}" if row.get("against") else "–",
            str(row["ours"]["runs"]), ratio(row), goals(row), verdict(row)]


def text(rows):
    """A table for a terminal."""
    out, last = [], None
    for row in sorted(rows, key=frame.order):
        if row["figure"] != last:
            last = row["figure"]
            out.append(frame.TITLES.get(last, last))
        label, where, unit, ours, against, runs, times, goal, met = cells(row)
        out.append(f"  {label} ({where}, {unit}, {runs} runs)")
        out.append(f"      {ours}" + (f"   against {against}" if row.get("against") else ""))
        out.append(f"      ratio {times}   goal {goal}: {met.strip('*')}" + (f"   ({row['note']})" if row.get("note") else ""))
    return "\n".join(out)


def markdown(rows, about):
    """The table of docs/bench.md; notes are numbered below it."""
    out = [BEGIN, about, "", "| figure | | where | unit | Spine: median / p95 / p99 | against: median / p95 / p99 | runs | ratio | goal | |",
           "|---|---|---|---|---|---|---|---|---|---|"]
    notes, last = [], None
    for row in sorted(rows, key=frame.order):
        words = ["", *cells(row)]
        if row["figure"] != last:
            last = row["figure"]
            words[0] = f"[{frame.TITLES.get(last, last)}](bench/{last}.svg)"
        if row.get("note"):
            if row["note"] not in notes:
                notes.append(row["note"])
            words[1] += f" ({notes.index(row['note']) + 1})"
        out.append("| " + " | ".join(w.replace("|", "/") for w in words) + " |")
    out.extend(["", *(f"{n}. {note}" for n, note in enumerate(notes, 1)), END] if notes else [END])
    return "\n".join(out)


def put_table(page, table):
    """The page with the table in place of the one between the marks."""
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(f"the page wants one line {BEGIN} and one line {END} behind it")
    return page[:page.index(BEGIN)] + table + page[page.index(END) + len(END):]


def quoted(words):
    return '"' + re.sub(r'["\\`$]', "'", words) + '"'


def label(row):
    return f"{row['row']} ({row['where']})"


def panel(rows, unit):
    """One unit's rows of a figure: a point for the median, a thick line to p95 and a thin one to p99; ours over the other side."""
    seen = [v for r in rows for s in (r["ours"], r.get("against")) if s for v in (s["median"], s["p99"])]
    wide = min(seen) > 0 and max(seen) > 8 * min(seen)
    ticks, ours, other = [], [], []
    for n, row in enumerate(reversed(rows)):
        ticks.append(f"{quoted(label(row))} {n}")
        for at, side, to in ((n + 0.15, row["ours"], ours), (n - 0.15, row.get("against"), other)):
            if side:
                to.append(f'{side["median"]} {at} {side["p95"]} {side["p99"]}')
    out = [f"set ytics ({', '.join(ticks)})", f"set yrange [-0.6:{len(rows) - 0.4}]", f"set xlabel {quoted(unit)}",
           *(("set logscale x", f"set xrange [{min(seen) / 2}:{max(seen) * 2}]") if wide else ("unset logscale x", f"set xrange [0:{max(seen) * 1.1 or 1}]")),
           "$ours << E", *ours, "E"]
    draw = []
    for name, data, colour, title in (("$ours", ours, "#3f7fbf", "Spine"), ("$other", other, "#c06020", "against")):
        if not data:
            continue
        if name == "$other":
            out.extend(["$other << E", *other, "E"])
        draw.append(f'{name} using 1:2:($4-$1):(0) with vectors nohead lw 1 lc rgb "{colour}" notitle')
        draw.append(f'{name} using 1:2:($3-$1):(0) with vectors nohead lw 5 lc rgb "{colour}" notitle')
        draw.append(f'{name} using 1:2 with points pt 7 ps 0.7 lc rgb "{colour}" title "{title}"')
    out.append("plot " + ", ".join(draw))
    return out


def plot_text(figure, rows):
    """gnuplot's commands for one figure: a panel for each unit."""
    units = list(dict.fromkeys(r["unit"] for r in rows))
    margin = int(max(len(label(r)) for r in rows) * 0.85) + 3
    height = sum(90 + 2 * LINE * sum(r["unit"] == u for r in rows) for u in units) + 40
    out = [f'set terminal svg size {WIDTH + LETTER * margin},{height} font "sans,12" background "#ffffff"', "set grid xtics", "set key outside right top", f"set lmargin {margin}",
           f"set multiplot layout {len(units)},1 title {quoted(frame.TITLES.get(figure, figure) + ': median, thick to p95, thin to p99')}"]
    for unit in units:
        out.extend(panel([r for r in rows if r["unit"] == unit], unit))
    return "\n".join([*out, "unset multiplot", ""])


def plot(figure, rows, path):
    with open(path, "w", encoding="utf-8") as f:
        subprocess.run(["gnuplot"], input=plot_text(figure, rows), text=True, stdout=f, check=True, timeout=60)
