# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The parts of scripts/check: each is a function part_NAME that runs TAP programs by scripts/tap. Sourced at the top of the tree.

# shellcheck disable=SC2034 # both belong to scripts/check
# `bare` stands early because it runs beside what follows it.
PARTS=(setup bare tree lint unit-gcc unit-asan unit-musl native native-asan bench fuzz image demo vm)
# shellcheck disable=SC2034
declare -A WHAT=(
    [setup]='install what is missing on this machine'
    [bare]='in a bare Debian 12, scripts/setup and then make and make tests'
    [tree]='layers, purity, sizes, tables, initramfs, base descriptions'
    [lint]='clang-format, shellcheck, cppcheck, clang-tidy, gcc -fanalyzer'
    [unit-gcc]='unit tests and corpora, gcc'
    [unit-asan]='unit tests and corpora, clang, with address, leak and undefined behaviour sanitizers'
    [unit-musl]='bay0, spine and spine-relay static against musl, and their unit tests'
    [native]='bay0 as a process, with a podman that misbehaves on demand: tests/native/*.sh'
    [native-asan]='the same with address, leak and undefined behaviour sanitizers'
    [bench]='the quick benchmarks with few runs, against twice their goals'
    [fuzz]='each fuzzer for a few seconds'
    [image]='scripts/image, and the sound server out of it at native speed'
    [demo]='the two-minute demo'
    [vm]='the Spine in QEMU: tests/vm/*.sh'
)

# unit BUILD [MAKE-WORD...]
unit() {
    WAYLAND_PROTOCOLS=${WAYLAND_PROTOCOLS-$(scripts/wayland-protocols)} nice make -s -j2 BUILD="build/$1" "${@:2}" check
}

part_setup() { scripts/setup; }
part_tree() { scripts/tap scripts/check-layers scripts/check-pure tests/meta/tree-*.sh; }
part_lint() { TAP_TIMEOUT=1200 scripts/tap tests/meta/lint-*.sh; }
part_bare() { TAP_TIMEOUT=1200 scripts/tap tests/meta/bare.sh; }
part_unit_gcc() { unit gcc CC=gcc; }

part_unit_asan() {
    export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1
    unit asan CC=clang SAN=address,undefined CFLAGS='-O1 -g'
}

part_unit_musl() {
    local m
    m=$(scripts/musl)
    WAYLAND_PROTOCOLS='' PIPEWIRE_CFLAGS='' unit musl CC=musl-gcc CFLAGS="-O2 -g -isystem $m/include -isystem $m/kernel" LDFLAGS="-static -L$m/lib"
    MUSL=$m scripts/tap tests/meta/musl-static.sh
}

# Compositors, emulated machines and sound on a busy machine can lose seconds at a time. A test program of theirs that failed is said and has
# one more try, which counts.
two_tries() { # SECONDS TEST
    local first
    first=$(mktemp)
    if TAP_TALLY=$first TAP_TIMEOUT=$1 scripts/tap "$2"; then
        cat "$first" >>"$TAP_TALLY"
        rm -f "$first"
        return 0
    fi
    rm -f "$first"
    second_try "$@"
}
second_try() { # SECONDS TEST
    echo "SECOND TRY: $2 failed the first time; see above"
    TAP_TIMEOUT=$1 scripts/tap "$2"
}

# abreast N SECONDS TEST...: N tests at a time. What one says is shown when it has ended; one that failed has its second try alone, after all others.
abreast() {
    local n=$1 seconds=$2 t dir failed=0
    shift 2
    dir=$(mktemp -d)
    for t in "$@"; do
        while [ "$(jobs -rp | wc -l)" -ge "$n" ]; do wait -n || true; done
        tried "$seconds" "$t" "$dir" &
    done
    wait
    for t in "$@"; do
        if [ -e "$dir/${t##*/}.good" ]; then
            cat "$dir/${t##*/}.tally" >>"$TAP_TALLY"
        else
            cat "$dir/${t##*/}.out"
            second_try "$seconds" "$t" || failed=1
        fi
    done
    rm -rf "$dir"
    return "$failed"
}
tried() { # SECONDS TEST FOLDER
    local to=$3/${2##*/}
    if TAP_TALLY=$to.tally TAP_TIMEOUT=$1 scripts/tap "$2" >"$to.out" 2>&1; then
        flock "$3" cat "$to.out"
        touch "$to.good"
    fi
}

# native BUILD TESTS [MAKE-WORD...]: they wait more than they work.
native() {
    local tests
    WAYLAND_PROTOCOLS=${WAYLAND_PROTOCOLS-$(scripts/wayland-protocols)} nice make -s -j2 BUILD="build/$1" "${@:3}" native-programs
    export BUILD=build/$1
    read -ra tests <<<"$2"
    tests=("${tests[@]/#/tests/native/}")
    abreast 3 600 "${tests[@]/%/.sh}"
}
part_native() { native gcc "$(find tests/native -name '*.sh' ! -name '*lib.sh' -printf '%f\n' | sed 's/\.sh$//' | sort | xargs)" CC=gcc; }
# Those of bay0 itself: the others would spend their time in the compositor.
part_native_asan() {
    native asan 'ahead clients doctor life logs lost reexec restart rounds stuck undo keys clipboard' CC=clang SAN=address,undefined CFLAGS='-O1 -g'
}

part_bench() { two_tries 300 tests/meta/bench.sh; }
part_fuzz() { TAP_TIMEOUT=600 scripts/tap tests/meta/fuzz.sh; }
part_image() {
    TAP_TIMEOUT=1800 scripts/tap tests/meta/image.sh
    two_tries 600 tests/meta/sound.sh
}

part_demo() { two_tries 600 tests/meta/demo.sh; }

# Two machines at a time, the longest tests first. Those that look at time itself run alone.
VM_LONG='50-persist 57-hostile 10-boot 20-personas 90-budget 60-bad-input 56-umbilical'
VM_ALONE='47-sound 58-pressure'
part_vm() {
    local t long alone others=() failed=0
    for t in tests/vm/[0-9]*.sh; do
        t=$(basename "$t" .sh)
        [[ " $VM_LONG $VM_ALONE " = *" $t "* ]] || others+=("$t")
    done
    read -ra long <<<"$VM_LONG"
    read -ra alone <<<"$VM_ALONE"
    for t in "${alone[@]}"; do two_tries "${VM_TIMEOUT:-1200}" "tests/vm/$t.sh" || failed=1; done
    long=("${long[@]/#/tests/vm/}" "${others[@]/#/tests/vm/}")
    abreast 2 "${VM_TIMEOUT:-1500}" "${long[@]/%/.sh}" || failed=1
    return "$failed"
}
