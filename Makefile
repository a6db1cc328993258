# Alpine-Spine. Plain GNU make. `make` builds, `make check` runs the unit tests and replays the fuzz corpora,
# `make install DESTDIR=D` installs. BUILD names the output folder, so that several compilers keep apart:
#   make                                  build/gcc
#   make BUILD=build/asan SAN=address,undefined check
#   make BUILD=build/musl CC=musl-gcc ...
CC      ?= gcc
BUILD   ?= build/gcc
PREFIX  ?= /usr
SAN     ?=
# CRASH=1: bay0 dies on purpose where a test tells it to (bay0/crash.h); in a BUILD of its own.
CRASH   ?=
STATIC  ?= -static

WARN := -Wall -Wextra -Wshadow -Wundef -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Wformat=2 \
        -Wimplicit-fallthrough -Werror
HARD := -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=2
ifneq ($(SAN),)
  HARD   := -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
  STATIC :=
endif
CFLAGS  ?= -O2 -g
ALL_CFLAGS  = -std=c11 -D_GNU_SOURCE $(WARN) $(HARD) -I. -Ibay0 -I$(BUILD) -MMD -MP $(CFLAGS) $(if $(CRASH),-DSPINE_CRASH_POINTS)
LINK_HARD  := -Wl,-z,relro,-z,now -Wl,-z,noexecstack
ALL_LDFLAGS = $(if $(SAN),-fsanitize=$(SAN),$(LINK_HARD)) $(LDFLAGS)
JSON    := -ljansson -lmd
SQLITE  := -lsqlite3 -lm -lpthread

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))

CORE_SRC  := $(wildcard bay0/core/*.c)
BAY0_SRC  := $(filter-out bay0/main.c,$(wildcard bay0/*.c))
RELAY_SRC := $(filter-out bay0/relay/main.c,$(wildcard bay0/relay/*.c))
CLI_SRC   := $(filter-out spine-cli/main.c,$(wildcard spine-cli/*.c))
SWCORE_SRC := $(wildcard switcher/core/*.c)
# Programs of their own in the same folder have files named wlctx*.c, wlclear.c and icon_*.c.
SWITCHER_SRC := $(filter-out switcher/wlctx%.c switcher/wlclear.c switcher/icon_%.c,$(wildcard switcher/*.c))
TESTS     := $(wildcard bay0/core/test/test_*.c bay0/test/test_*.c bay0/relay/test/test_*.c spine-cli/test/test_*.c \
               bay0/sound/test/test_*.c switcher/core/test/test_*.c)
FUZZERS   := $(wildcard bay0/core/fuzz/fuzz_*.c bay0/fuzz/fuzz_*.c bay0/relay/fuzz/fuzz_*.c spine-cli/fuzz/fuzz_*.c \
               switcher/core/fuzz/fuzz_*.c)

CORE  := $(BUILD)/libcore.a
BAY0  := $(BUILD)/libbay0.a
RELAY := $(BUILD)/librelay.a
CLI   := $(BUILD)/libcli.a
SWCORE := $(BUILD)/libswcore.a
TEST_BINS   := $(patsubst %.c,$(BUILD)/%,$(TESTS))

PROGRAMS := $(BUILD)/sbin/bay0 $(BUILD)/sbin/spine $(BUILD)/sbin/spine-relay

# Manual pages are made when scdoc is there; spine(1) and the completions come from the verb table.
SCDOC       := $(shell command -v scdoc 2>/dev/null)
MANS        := $(if $(SCDOC),$(BUILD)/man/spine.1 $(patsubst docs/%.scd,$(BUILD)/man/%,$(wildcard docs/*.scd)))
COMPLETIONS := $(addprefix $(BUILD)/completion/,bash zsh fish)

# spine-wlctx is generated from security-context-v1.xml, spine-wlclear from ext-data-control-v1.xml; both belong to the package
# wayland-protocols (1.39 or newer). Where that is missing: make WAYLAND_PROTOCOLS=$(scripts/wayland-protocols). Empty leaves both out.
WLCTX_FILE := staging/security-context/security-context-v1.xml
CLEAR_FILE := staging/ext-data-control/ext-data-control-v1.xml
ifeq ($(origin WAYLAND_PROTOCOLS),undefined)
  WAYLAND_PROTOCOLS := $(shell d=$$(pkg-config --variable=pkgdatadir wayland-protocols 2>/dev/null) && \
                         test -f "$$d/$(WLCTX_FILE)" -a -f "$$d/$(CLEAR_FILE)" && echo "$$d")
endif
# These read with a library that only the switcher has.
ifneq ($(WAYLAND_PROTOCOLS),)
  FUZZERS += $(if $(shell pkg-config --exists libpng && echo yes),$(wildcard switcher/fuzz/fuzz_*.c))
endif
REPLAY_BINS := $(patsubst %.c,$(BUILD)/%_replay,$(FUZZERS))
WLCTX_GEN := $(BUILD)/switcher/security-context-v1
ifneq ($(WAYLAND_PROTOCOLS),)
  WLCTX := $(BUILD)/sbin/spine-wlctx $(BUILD)/sbin/spine-wlclear
  TEST_BINS += $(BUILD)/tests/wlctx $(BUILD)/tests/wlclear
endif

# spine-switcher wants pixman, fcft and xkbcommon, and besides wayland-protocols the files of wlr-protocols, which Debian has
# in librust-wayland-protocols-wlr-dev. Where something is missing it is left out; its pure part is built and tested anyway.
ifeq ($(origin WLR_PROTOCOLS),undefined)
  WLR_PROTOCOLS := $(firstword $(wildcard $(addsuffix /unstable/wlr-layer-shell-unstable-v1.xml,$(WAYLAND_PROTOCOLS)/wlr \
    $(shell pkg-config --variable=pkgdatadir wlr-protocols 2>/dev/null) \
    $(wildcard /usr/share/cargo/registry/wayland-protocols-wlr-*/wlr-protocols))))
  WLR_PROTOCOLS := $(WLR_PROTOCOLS:/unstable/wlr-layer-shell-unstable-v1.xml=)
endif
SWITCHER_PKGS := wayland-client pixman-1 fcft xkbcommon libmd libpng
ifneq ($(and $(WAYLAND_PROTOCOLS),$(WLR_PROTOCOLS)),)
  ifeq ($(shell pkg-config --exists $(SWITCHER_PKGS) && echo yes),yes)
    SWITCHER := $(BUILD)/sbin/spine-switcher $(BUILD)/sbin/spine-icon
  endif
endif

# spine-sound speaks PipeWire's security contexts, which libpipewire has from 1.2 on. Where that is missing it is left out;
# make PIPEWIRE_CFLAGS="$(scripts/pipewire-headers)" lets tools read it all the same.
ifeq ($(origin PIPEWIRE_CFLAGS),undefined)
  PIPEWIRE_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --exists 'libpipewire-0.3 >= 1.2' 2>/dev/null && \
                       pkg-config --cflags libpipewire-0.3))
  SOUND := $(if $(PIPEWIRE_CFLAGS),$(BUILD)/sbin/spine-sound)
endif

.PHONY: all check install clean tests fuzz native native-programs
.SECONDARY:
all: $(PROGRAMS) $(WLCTX) $(SWITCHER) $(SOUND) $(MANS) $(COMPLETIONS)
	$(if $(SWITCHER),,@echo 'spine-switcher is left out: it wants $(SWITCHER_PKGS), and WAYLAND_PROTOCOLS and WLR_PROTOCOLS')
	$(if $(WLCTX),,@echo 'spine-wlctx and spine-wlclear are left out: no protocol files; make WAYLAND_PROTOCOLS=DIR adds them')
	$(if $(SOUND),,@echo 'spine-sound is left out: no libpipewire 1.2 or newer')

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC   $@"
	@$(CC) $(ALL_CFLAGS) -c $< -o $@

define archive
$(1): $(call obj,$(2))
	@mkdir -p $$(@D)
	@rm -f $$@
	$(AR) rcs $$@ $$^
endef
$(eval $(call archive,$(CORE),$(CORE_SRC)))
$(eval $(call archive,$(BAY0),$(BAY0_SRC)))
$(eval $(call archive,$(RELAY),$(RELAY_SRC)))
$(eval $(call archive,$(CLI),$(CLI_SRC)))
$(eval $(call archive,$(SWCORE),$(SWCORE_SRC)))

$(BUILD)/sbin/bay0: $(BUILD)/bay0/main.o $(BAY0) $(CORE)
$(BUILD)/sbin/spine: $(BUILD)/spine-cli/main.o $(CLI) $(CORE)
$(BUILD)/sbin/spine-relay: $(BUILD)/bay0/relay/main.o $(RELAY)
$(PROGRAMS):
	@mkdir -p $(@D)
	$(CC) $(STATIC) $(ALL_LDFLAGS) $^ -o $@ $(LIBS)
$(BUILD)/sbin/bay0: LIBS = $(JSON) $(SQLITE)
$(BUILD)/sbin/spine: LIBS = $(JSON)

WLCTX_OBJ := $(patsubst %,$(BUILD)/switcher/wlctx_%.o,opts conn session) $(WLCTX_GEN).o
$(WLCTX_GEN).c $(WLCTX_GEN)-client.h $(WLCTX_GEN)-server.h: $(WAYLAND_PROTOCOLS)/$(WLCTX_FILE)
	@mkdir -p $(@D)
	wayland-scanner -s $(if $(filter %.c,$@),private-code,$(if $(filter %-client.h,$@),client,server)-header) $< $@
$(WLCTX_GEN).o: $(WLCTX_GEN).c
	$(CC) $(ALL_CFLAGS) -c $< -o $@
$(BUILD)/switcher/wlctx_session.o: $(WLCTX_GEN)-client.h
$(BUILD)/tests/wlctx.o: $(WLCTX_GEN)-server.h
$(BUILD)/sbin/spine-wlctx: $(BUILD)/switcher/wlctx.o $(WLCTX_OBJ) $(CORE)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ -lwayland-client
$(BUILD)/tests/wlctx: $(BUILD)/tests/wlctx.o $(WLCTX_OBJ) $(CORE) | $(WLCTX)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ -lwayland-server -lwayland-client

$(BUILD)/bay0/fuzz/%_replay: $(BUILD)/bay0/fuzz/%.o $(BUILD)/tests/replay.o $(BAY0) $(CORE)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ $(JSON) $(SQLITE)
$(BUILD)/bay0/relay/fuzz/%_replay: $(BUILD)/bay0/relay/fuzz/%.o $(BUILD)/tests/replay.o $(RELAY)
	$(CC) $(ALL_LDFLAGS) $^ -o $@
# One protocol file each: its client header and its code.
SWITCHER_XML := $(WAYLAND_PROTOCOLS)/stable/xdg-shell/xdg-shell.xml $(WAYLAND_PROTOCOLS)/stable/tablet/tablet-v2.xml \
                $(WAYLAND_PROTOCOLS)/staging/cursor-shape/cursor-shape-v1.xml \
                $(foreach p,foreign-toplevel-list image-capture-source image-copy-capture data-control, \
                  $(WAYLAND_PROTOCOLS)/staging/ext-$(p)/ext-$(p)-v1.xml) \
                $(WLR_PROTOCOLS)/unstable/wlr-layer-shell-unstable-v1.xml
SWITCHER_GEN := $(patsubst %.xml,$(BUILD)/switcher/%,$(notdir $(SWITCHER_XML)))
POINTER_GEN := $(BUILD)/switcher/wlr-virtual-pointer-unstable-v1
SWITCHER_OBJ := $(call obj,$(SWITCHER_SRC)) $(SWITCHER_GEN:=.o)
define protocol
$(BUILD)/switcher/$(basename $(notdir $(1))).c: $(1)
	@mkdir -p $$(@D)
	wayland-scanner -s private-code $$< $$@
$(BUILD)/switcher/$(basename $(notdir $(1)))-client.h: $(1)
	@mkdir -p $$(@D)
	wayland-scanner -s client-header $$< $$@
$(BUILD)/switcher/$(basename $(notdir $(1))).o: $(BUILD)/switcher/$(basename $(notdir $(1))).c
	$$(CC) $$(ALL_CFLAGS) -c $$< -o $$@
endef
$(foreach x,$(SWITCHER_XML),$(eval $(call protocol,$(x))))
$(call obj,$(SWITCHER_SRC)): $(SWITCHER_GEN:=-client.h)
$(call obj,$(SWITCHER_SRC)): ALL_CFLAGS += $(shell pkg-config --cflags $(SWITCHER_PKGS) 2>/dev/null)
$(BUILD)/sbin/spine-switcher: $(SWITCHER_OBJ) $(SWCORE) $(CORE)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ $(shell pkg-config --libs $(filter-out libpng,$(SWITCHER_PKGS))) $(JSON)
# The helper that decodes icons of personas, in a cage.
ICON_OBJ := $(BUILD)/switcher/icon_decode.o
$(BUILD)/sbin/spine-icon: $(BUILD)/switcher/icon_main.o $(BUILD)/switcher/icon_cage.o $(ICON_OBJ)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ $(shell pkg-config --libs libpng)

# The helper that clears the clipboard between two personas.
CLEAR_GEN := $(BUILD)/switcher/ext-data-control-v1
$(BUILD)/switcher/wlclear.o: $(CLEAR_GEN)-client.h
$(BUILD)/sbin/spine-wlclear: $(BUILD)/switcher/wlclear.o $(BUILD)/switcher/wlctx_conn.o $(CLEAR_GEN).o
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ -lwayland-client
$(CLEAR_GEN)-server.h: $(WAYLAND_PROTOCOLS)/$(CLEAR_FILE)
	@mkdir -p $(@D)
	wayland-scanner -s server-header $< $@
$(BUILD)/tests/wlclear.o: $(CLEAR_GEN)-server.h
$(BUILD)/tests/wlclear: $(BUILD)/tests/wlclear.o $(CLEAR_GEN).o | $(BUILD)/sbin/spine-wlclear
	$(CC) $(ALL_LDFLAGS) $^ -o $@ -lwayland-server

$(BUILD)/switcher/core/fuzz/%_replay: $(BUILD)/switcher/core/fuzz/%.o $(BUILD)/tests/replay.o $(SWCORE) $(CORE)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ $(JSON)
$(BUILD)/switcher/core/test/%: $(BUILD)/switcher/core/test/%.o $(SWCORE) $(CORE)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ $(JSON)
$(BUILD)/spine-cli/fuzz/%_replay: $(BUILD)/spine-cli/fuzz/%.o $(BUILD)/tests/replay.o $(CLI) $(CORE)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ $(JSON)
$(BUILD)/switcher/fuzz/%_replay: $(BUILD)/switcher/fuzz/%.o $(BUILD)/tests/replay.o $(ICON_OBJ)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ $(shell pkg-config --libs libpng)
$(BUILD)/bay0/sound/session.o: ALL_CFLAGS += $(PIPEWIRE_CFLAGS)
$(BUILD)/sbin/spine-sound: $(call obj,$(wildcard bay0/sound/*.c)) $(CORE)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ -lpipewire-0.3
$(BUILD)/bay0/sound/test/%: $(BUILD)/bay0/sound/test/%.o $(BUILD)/bay0/sound/opts.o $(CORE)
	$(CC) $(ALL_LDFLAGS) $^ -o $@

$(BUILD)/%_replay: $(BUILD)/%.o $(BUILD)/tests/replay.o $(CORE)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ $(JSON)
$(BUILD)/bay0/core/test/%: $(BUILD)/bay0/core/test/%.o $(CORE)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ $(JSON)
$(BUILD)/bay0/test/%: $(BUILD)/bay0/test/%.o $(BAY0) $(CORE)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ $(JSON) $(SQLITE)
RELAY_RIG := $(BUILD)/bay0/relay/test/rig.o $(BUILD)/bay0/relay/test/rig_server.o
$(BUILD)/bay0/relay/test/%: $(BUILD)/bay0/relay/test/%.o $(RELAY_RIG) $(RELAY) | $(BUILD)/sbin/spine-relay
	$(CC) $(ALL_LDFLAGS) $^ -o $@
$(BUILD)/spine-cli/test/%: $(BUILD)/spine-cli/test/%.o $(CLI) $(CORE)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ $(JSON)

$(BUILD)/man/spine.1.scd: $(BUILD)/sbin/spine
	@mkdir -p $(@D)
	$< man >$@.new && mv $@.new $@
$(BUILD)/man/%: $(BUILD)/man/%.scd
	$(SCDOC) <$< >$@.new && mv $@.new $@
$(BUILD)/man/%: docs/%.scd
	@mkdir -p $(@D)
	$(SCDOC) <$< >$@.new && mv $@.new $@
$(BUILD)/completion/%: $(BUILD)/sbin/spine
	@mkdir -p $(@D)
	$< completion $* >$@.new && mv $@.new $@

tests: $(TEST_BINS) $(REPLAY_BINS)

# Every test is a TAP program; scripts/tap runs them all and prints `N passed, N failed`.
check: all tests
	scripts/tap $(TEST_BINS) $(REPLAY_BINS)

# bay0 as an ordinary process with a podman that misbehaves on demand; wants root and cgroup v2.
NATIVE_BINS := $(BUILD)/tests/native/ask $(BUILD)/tests/native/box $(BUILD)/tests/native/load
# The switcher's modules with a stand-in for the rest of it.
RIG_OBJ := $(patsubst %,$(BUILD)/switcher/%.o,apps apps_ask iconrun carry carry_device carry_pipe capture grab swayipc)
ifneq ($(SWITCHER),)
  NATIVE_MORE := $(BUILD)/tests/native/rig $(BUILD)/tests/native/pointer
endif
$(eval $(call protocol,$(WLR_PROTOCOLS)/unstable/wlr-virtual-pointer-unstable-v1.xml))
$(BUILD)/tests/native/pointer.o: $(POINTER_GEN)-client.h
$(BUILD)/tests/native/pointer: $(BUILD)/tests/native/pointer.o $(POINTER_GEN).o
	$(CC) $(ALL_LDFLAGS) $^ -o $@ -lwayland-client
$(BUILD)/tests/native/rig.o: ALL_CFLAGS += $(shell pkg-config --cflags pixman-1 2>/dev/null)
$(BUILD)/tests/native/rig: $(BUILD)/tests/native/rig.o $(RIG_OBJ) $(filter $(BUILD)/switcher/ext-%,$(SWITCHER_GEN:=.o)) $(SWCORE) $(CORE)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ $(shell pkg-config --libs wayland-client pixman-1 libmd) $(JSON)
$(BUILD)/tests/native/chain: $(BUILD)/tests/native/chain.o $(CORE)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ $(JSON)
$(NATIVE_BINS): %: %.o
	$(CC) $(ALL_LDFLAGS) $^ -o $@
# A client of the compositor that does not behave.
$(eval $(call protocol,$(WAYLAND_PROTOCOLS)/staging/xdg-activation/xdg-activation-v1.xml))
PUSHY_GEN := $(BUILD)/switcher/xdg-shell $(BUILD)/switcher/xdg-activation-v1
$(BUILD)/tests/native/pushy.o: $(PUSHY_GEN:=-client.h)
$(BUILD)/tests/native/pushy: $(BUILD)/tests/native/pushy.o $(PUSHY_GEN:=.o)
	$(CC) $(ALL_LDFLAGS) $^ -o $@ -lwayland-client
# Every header that is generated, for tools that read sources.
.PHONY: protocol-headers
protocol-headers: $(if $(WLCTX),$(WLCTX_GEN)-client.h $(WLCTX_GEN)-server.h $(CLEAR_GEN)-client.h $(CLEAR_GEN)-server.h $(PUSHY_GEN:=-client.h)) \
    $(if $(WLR_PROTOCOLS),$(SWITCHER_GEN:=-client.h) $(POINTER_GEN)-client.h)
native-programs: all $(NATIVE_BINS) $(NATIVE_MORE) $(BUILD)/tests/native/chain $(if $(WLCTX),$(BUILD)/tests/native/pushy)
	$(MAKE) -s CRASH=1 BUILD=$(BUILD)-crash $(BUILD)-crash/sbin/bay0
native: native-programs
	BUILD=$(BUILD) scripts/tap $(filter-out %lib.sh,$(wildcard tests/native/*.sh))

# Fuzzes each target for FUZZ_SECONDS; what it finds new stays in build/fuzz, crashes too.
FUZZ_CC      ?= clang
FUZZ_SECONDS ?= 60
FUZZ_BINS    := $(addprefix build/fuzz/,$(basename $(notdir $(FUZZERS))))
FUZZ_BUILD   = $(FUZZ_CC) -std=c11 -D_GNU_SOURCE -O1 -g -I. -Ibay0 -fsanitize=fuzzer,address,undefined \
                   -fno-sanitize-recover=all $(filter %.c,$^) -o $@ $(JSON)
build/fuzz/fuzz_%: bay0/core/fuzz/fuzz_%.c $(CORE_SRC) $(wildcard bay0/core/*.h bay0/core/*.def)
	@mkdir -p build/fuzz/corpus/$*
	$(FUZZ_BUILD)
build/fuzz/fuzz_%: switcher/core/fuzz/fuzz_%.c $(SWCORE_SRC) $(CORE_SRC) $(wildcard switcher/core/*.h bay0/core/*.h)
	@mkdir -p build/fuzz/corpus/$*
	$(FUZZ_BUILD)
build/fuzz/fuzz_%: spine-cli/fuzz/fuzz_%.c spine-cli/%.c $(CORE_SRC) $(wildcard spine-cli/*.h bay0/core/*.h)
	@mkdir -p build/fuzz/corpus/$*
	$(FUZZ_BUILD)
build/fuzz/fuzz_%: bay0/relay/fuzz/fuzz_%.c bay0/relay/%.c $(wildcard bay0/relay/*.h)
	@mkdir -p build/fuzz/corpus/$*
	$(FUZZ_BUILD)
build/fuzz/fuzz_%: switcher/fuzz/fuzz_%.c switcher/icon_decode.c $(wildcard switcher/*.h switcher/core/*.h)
	@mkdir -p build/fuzz/corpus/$*
	$(FUZZ_BUILD) $(shell pkg-config --libs libpng)
# Effect files: connections and pipes are real.
FUZZ_EFFECTS := $(addprefix bay0/,server.c server_listen.c client.c stream.c loop.c log.c fsutil.c crash.c)
build/fuzz/fuzz_%: bay0/fuzz/fuzz_%.c $(FUZZ_EFFECTS) $(CORE_SRC) $(wildcard bay0/*.h bay0/core/*.h bay0/core/*.def)
	@mkdir -p build/fuzz/corpus/$*
	$(FUZZ_BUILD)
fuzz: $(FUZZ_BINS)
	set -e; for f in $(patsubst fuzz_%,%,$(notdir $(FUZZ_BINS))); do \
	    build/fuzz/fuzz_$$f -max_total_time=$(FUZZ_SECONDS) -max_len=70000 -timeout=10 -print_final_stats=1 \
	        -artifact_prefix=build/fuzz/$$f- build/fuzz/corpus/$$f $$(ls -d */fuzz/corpus/$$f */*/fuzz/corpus/$$f 2>/dev/null); \
	done

install: all
	install -D -m 0755 $(BUILD)/sbin/bay0 $(DESTDIR)$(PREFIX)/lib/spine/bay0
	install -D -m 0755 $(BUILD)/sbin/spine $(DESTDIR)$(PREFIX)/bin/spine
	install -D -m 0755 $(BUILD)/sbin/spine-relay $(DESTDIR)$(PREFIX)/lib/spine/spine-relay
	for p in $(WLCTX) $(SWITCHER); do install -D -m 0755 $$p $(DESTDIR)$(PREFIX)/lib/spine/$${p##*/} || exit; done
	$(if $(SOUND),install -D -m 0755 $(SOUND) $(DESTDIR)$(PREFIX)/lib/spine/spine-sound)
	for m in $(MANS); do install -D -m 0644 $$m $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$${m##*/} || exit; done
	install -D -m 0644 $(BUILD)/completion/bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/spine
	install -D -m 0644 $(BUILD)/completion/zsh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_spine
	install -D -m 0644 $(BUILD)/completion/fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/spine.fish
	install -D -m 0755 bay0/share/udhcpc.script $(DESTDIR)$(PREFIX)/lib/spine/udhcpc.script
	install -d $(DESTDIR)$(PREFIX)/share/spine/containers $(DESTDIR)$(PREFIX)/share/pipewire/pipewire.conf.d
	cp -r containers.conf.d/. $(DESTDIR)$(PREFIX)/share/spine/containers/
	install -m 0644 switcher/sway.conf switcher/switcher.conf bay0/share/firewall.nft $(DESTDIR)$(PREFIX)/share/spine/
	install -m 0644 bay0/share/pipewire/*.conf $(DESTDIR)$(PREFIX)/share/pipewire/pipewire.conf.d/
	install -d $(DESTDIR)$(PREFIX)/share/wireplumber/wireplumber.conf.d $(DESTDIR)$(PREFIX)/share/wireplumber/scripts
	install -m 0644 bay0/share/wireplumber/*.conf $(DESTDIR)$(PREFIX)/share/wireplumber/wireplumber.conf.d/
	install -m 0644 bay0/share/wireplumber/*.lua $(DESTDIR)$(PREFIX)/share/wireplumber/scripts/

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
