#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Which tones a sound file holds: tones.py FILE FROM TO FREQUENCY...
# FILE is a WAV of 16 bit, stereo, whose header need not be final; FROM and TO are bytes of it, TO 0 its end. Looked at through windows
# of 20 ms, 10 ms apart, so frequencies are multiples of 50 Hz. For each one line: FREQUENCY SHARE GAP. SHARE is the per cent of
# windows in which it is heard at all, GAP the longest time in ms, between its first and its last, at less than half its usual loudness.
import cmath
import math
import statistics
import struct
import sys

HEADER, FRAME, HEARD = 44, 4, 0.01


def loudness(samples, frequency, rate):
    turn = cmath.exp(-2j * math.pi * frequency / rate)
    total, at = 0j, 1 + 0j
    for s in samples:
        total += s * at
        at *= turn
    return 2 * abs(total) / len(samples) / 32768


def main():
    name, begin, end = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with open(name, "rb") as f:
        data = f.read(end or -1)
    rate = struct.unpack_from("<I", data, 24)[0] if len(data) >= HEADER else 48000
    begin = max(HEADER, begin)
    data = data[begin + -(begin - HEADER) % FRAME:]
    left = struct.unpack("<%dh" % (len(data) // FRAME * 2), data[:len(data) // FRAME * FRAME])[::2]
    window, step = rate // 50, rate // 100
    pieces = [left[i:i + window] for i in range(0, len(left) - window + 1, step)]
    for word in sys.argv[4:]:
        loud = [loudness(p, float(word), rate) if any(p) else 0 for p in pieces]
        heard = [x for x in loud if x > HEARD]
        usual = statistics.median(heard) if heard else 0
        full = [i for i, x in enumerate(loud) if heard and x >= usual / 2]
        gap = max((b - a - 1 for a, b in zip(full, full[1:])), default=0)
        print(word, 100 * len(heard) // max(1, len(loud)), gap * 10)


main()
