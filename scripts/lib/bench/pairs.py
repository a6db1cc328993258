# SPDX-License-Identifier: MIT
"""Times two commands in turn.   usage: pairs.py RUNS FILE COMMAND COMMAND     times go to FILE.a and FILE.b"""
import sys

import rig

runs, file, commands = int(sys.argv[1]), sys.argv[2], [c.split() for c in sys.argv[3:5]]
took = [[rig.timed(words) for words in commands] for n in range(runs + 3)][3:]
rig.keep(file + ".a", [t[0] for t in took])
rig.keep(file + ".b", [t[1] for t in took])
