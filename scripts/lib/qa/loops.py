# SPDX-License-Identifier: MIT
"""Which loop is run by what."""
import os
import shutil
import signal
import sys

from qa import rounds
from qa.kill import Kill
from qa.machine import Machine
from qa.report import Report
from qa.soak import Soak


def run_rounds(o, report):
    m = Machine(o.name or f"qa-{o.loop}", rounds.NO_TENANTS)
    loop = rounds.Loop(m, report, o)
    try:
        loop.rounds(getattr(loop, o.loop))
    finally:
        m.gone()


def run_kill(o, report):
    m = Machine(o.name or "qa-kill")
    loop = Kill(m, report, o)
    try:
        loop.rounds(loop.one)
    finally:
        m.gone()


def run_soak(o, report):
    m = Machine(o.name or "qa-soak")
    try:
        Soak(m, report, o).soak()
    finally:
        m.gone()


RUN = {"soak": run_soak, "kill": run_kill, "reboot": run_rounds, "powercut": run_rounds}


def run(o, out):
    # The evidence of a run that is repeated is what it is repeated from.
    if os.path.isdir(out) and not o.start:
        shutil.rmtree(out)
    os.makedirs(out, exist_ok=True)
    # So that the VM goes down, whoever ends us.
    for s in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, lambda *_: sys.exit(1))
    report = Report(o.loop, o, out)
    print(f"{o.loop}: seed {o.seed}", flush=True)
    try:
        RUN[o.loop](o, report)
    except KeyboardInterrupt:
        report.loss(0, ["interrupted"])
    return report.close()
