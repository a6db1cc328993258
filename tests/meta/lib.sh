# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# TAP for tests written in shell, and lists of the tree's files. Sourced; goes to the top of the tree.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
tap_n=0 tap_bad=0

# claim NAME STATUS [TEXT]: one test; TEXT says what is wrong and is shown only then.
claim() {
    tap_n=$((tap_n + 1))
    if [ "$2" -eq 0 ]; then
        printf 'ok %d - %s\n' "$tap_n" "$1"
    else
        tap_bad=$((tap_bad + 1))
        printf 'not ok %d - %s\n' "$tap_n" "$1"
        [ -z "${3:-}" ] || printf '%s\n' "$3" | head -n 60 | sed 's/^/# /'
    fi
}

# none NAME TEXT: a test that holds if TEXT, the list of what is wrong, is empty.
none() { if [ -z "$2" ]; then claim "$1" 0; else claim "$1" 1 "$2"; fi; }

# runs NAME CMD...: a test that holds if CMD ends with 0; what it printed is shown otherwise.
runs() {
    local name=$1 out
    shift
    if out=$("$@" 2>&1); then claim "$name" 0; else claim "$name" 1 "$out"; fi
}

finish() {
    printf '1..%d\n' "$tap_n"
    [ "$tap_bad" -eq 0 ]
}

# The tree's own files, also those not committed yet: ours GLOB...
ours() { git ls-files -co --exclude-standard -- "$@" | sort -u | while read -r f; do [ ! -f "$f" ] || printf '%s\n' "$f"; done; }

c_files() { ours '*.c' '*.h'; }

# Shell scripts are known by their first line or, for what is sourced, by the line that shellcheck wants.
shell_files() {
    ours | while read -r f; do
        case $(head -c 200 "$f" 2>/dev/null | tr -d '\0' | head -n 2) in
        '#!/bin/sh'* | '#!/bin/bash'* | '#!/usr/bin/env bash'* | '#!/bin/busybox sh'* | *'# shellcheck shell='*) printf '%s\n' "$f" ;;
        esac
    done
}

# Lines FILE:NUMBER:TEXT of C files, without comments: code FILE...
code() {
    awk 'FNR == 1 { inside = 0 }
        {
            line = $0; out = ""
            while (line != "") {
                if (inside) {
                    i = index(line, "*/")
                    if (!i) break
                    line = substr(line, i + 2); inside = 0
                } else {
                    i = index(line, "/*")
                    if (!i) { out = out line; break }
                    out = out substr(line, 1, i - 1); line = substr(line, i + 2); inside = 1
                }
            }
            if (out !~ /^ *$/) print FILENAME ":" FNR ":" out
        }' "$@"
}

# Makes the headers that are generated, in a place of their own so that what other builds left does not help; and lets make know where
# Wayland's and PipeWire's files are.
generated() {
    WAYLAND_PROTOCOLS=${WAYLAND_PROTOCOLS:-$(scripts/wayland-protocols)}
    PIPEWIRE_CFLAGS=${PIPEWIRE_CFLAGS:-$(scripts/pipewire-headers)}
    export WAYLAND_PROTOCOLS PIPEWIRE_CFLAGS
    make -s BUILD=build/headers CC=gcc protocol-headers
}

# within SECONDS CMD...: until CMD holds; false when the time is over. Generous: the machine may be busy.
within() {
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.03
    done
}
