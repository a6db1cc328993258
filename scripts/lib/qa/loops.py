# SPDX-License-Identifier: MIT
"""Which loop is run by what."""
import os
import shutil
import signal
import sys

from qa import rounds
from qa.kill import Kill
from qa.machine import Machine, Trouble
from qa.report import Report
from qa.soak import Soak
from qa.writecut import Writecut


def run_rounds(o, report, m):
    loop = rounds.Loop(m, report, o)
    loop.rounds(getattr(loop, o.loop))


def run_kill(o, report, m):
    loop = Kill(m, report, o)
    loop.rounds(loop.one)


# Who runs it, and more words for the kernel: tenants write nothing that a cut could hurt, and their load takes time.
RUN = {
    "reboot": (run_rounds, rounds.NO_TENANTS),
    "powercut": (run_rounds, rounds.NO_TENANTS),
    "writecut": (lambda o, report, m: Writecut(m, report, o).writecut(), rounds.NO_TENANTS),
    "kill": (run_kill, rounds.NOT_AHEAD),
    "soak": (lambda o, report, m: Soak(m, report, o).soak(), rounds.NOT_AHEAD),
}


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
    one, words = RUN[o.loop]
    m = Machine(o.name or f"qa-{o.loop}", words)
    try:
        one(o, report, m)
    except Trouble as e:
        report.loss(0, [f"the run did not come to its end: {e}"])
    except KeyboardInterrupt:
        report.loss(0, ["it was interrupted"])
    finally:
        m.gone()
    return report.close()
