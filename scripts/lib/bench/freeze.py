# SPDX-License-Identifier: MIT
"""Freezes and thaws a control group.   usage: freeze.py GROUP RUNS FILE     times go to FILE.freeze and FILE.thaw"""
import sys
import time

import rig

group, runs, file = rig.Group(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
freeze, thaw = [], []
for n in range(runs + 5):
    freeze.append(group.change(True))
    time.sleep(0.005)
    thaw.append(group.change(False))
    time.sleep(0.02)
rig.keep(file + ".freeze", freeze[5:])
rig.keep(file + ".thaw", thaw[5:])
