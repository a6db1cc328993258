/* SPDX-License-Identifier: MIT
 * Tests of declarations: what is taken, what is refused and how, and the way to JSON and back. */
#include "core/err.h"
#include "core/spec.h"
#include "tests/t.h"

#include <jansson.h>

static struct persona_spec s, again;
static struct err e;

static int read_spec(const char *text)
{
    json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    int rc;

    memset(&e, 0, sizeof e);
    if (!j)
        return -2;
    rc = spec_from_json(j, &s, &e);
    json_decref(j);
    return rc;
}

static void test_defaults(void)
{
    T_INT(read_spec("{\"id\":\"work\",\"image\":\"localhost/persona-trixie\"}"), 0);
    T_STR(s.id, "work");
    T_STR(s.image, "localhost/persona-trixie");
    T(s.profile == PROFILE_DESKTOP && s.network == NETWORK_SLIRP && s.background == BACKGROUND_FREEZE);
    T(!s.gpu && !s.audio && s.ai && !s.autostart);
    T(s.memory == 0 && s.cpus_milli == 0 && s.pids == 0 && s.command_words == 0);
    T_STR(s.cores, "");
    T(name_colour_ok(s.colour));
    T_INT(read_spec("{\"id\":\"a\",\"image\":\"x\",\"profile\":\"agent\"}"), 0);
    T_INT(s.network, NETWORK_NONE);
    T(!s.ai);
    T_INT(read_spec("{\"id\":\"a\",\"image\":\"x\",\"ai\":false}"), 0);
    T(!s.ai);
    T_INT(read_spec("{\"id\":\"a\",\"image\":\"x\",\"profile\":\"sealed\",\"network\":\"slirp\"}"), 0);
    T_INT(s.network, NETWORK_SLIRP);
}

static void round_trip(const char *text, const char *golden)
{
    json_t *j;
    char *out;

    T_INT(read_spec(text), 0);
    j = spec_to_json(&s);
    out = json_dumps(j, JSON_COMPACT);
    T_STR(out, golden);
    T_INT(spec_from_json(j, &again, &e), 0);
    T(memcmp(&s, &again, sizeof s) == 0);
    free(out);
    json_decref(j);
}

static void test_round_trip(void)
{
    round_trip("{\"id\":\"web\",\"image\":\"dir:/srv/"
               "web\",\"profile\":\"dev\",\"network\":\"slirp\",\"lan\":true,\"background\":\"throttle\","
               "\"gpu\":true,\"audio\":true,\"microphone\":true,\"ai\":true,\"autostart\":true,\"memory\":"
               "1610612736,\"cpus\":1."
               "5,\"pids\":300,"
               "\"cores\":\"0-1,3\",\"weight\":250,\"io\":20971520,\"nofile\":1024,\"tmpfs\":134217728,"
               "\"colour\":\"#A1b2c3\",\"command\":[\"/bin/sh\",\"-c\",\"echo \\\"a "
               "b\\\"\\n\",\"\"]}",
               "{\"id\":\"web\",\"image\":\"dir:/srv/"
               "web\",\"profile\":\"dev\",\"network\":\"slirp\",\"lan\":true,\"background\":\"throttle\","
               "\"gpu\":true,\"audio\":true,\"microphone\":true,\"ai\":true,\"autostart\":true,\"memory\":"
               "1610612736,\"cpus\":1."
               "5,\"pids\":300,"
               "\"cores\":\"0-1,3\",\"weight\":250,\"io\":20971520,\"nofile\":1024,\"tmpfs\":134217728,"
               "\"colour\":\"#A1b2c3\",\"command\":[\"/bin/sh\",\"-c\",\"echo \\\"a "
               "b\\\"\\n\",\"\"]}");
    T_INT(s.command_words, 4);
    T_STR(s.command + strlen("/bin/sh") + 1, "-c");
    round_trip("{\"id\":\"a\",\"image\":\"x\",\"memory\":0,\"cpus\":0,\"pids\":0,\"cores\":\"\",\"command\":["
               "],\"colour\":\"#000000\"}",
               "{\"id\":\"a\",\"image\":\"x\",\"profile\":\"desktop\",\"network\":\"slirp\",\"lan\":false,"
               "\"background\":\"freeze\",\"gpu\":false,"
               "\"audio\":false,\"microphone\":false,\"ai\":true,\"autostart\":false,\"memory\":0,\"cpus\":0."
               "0,\"pids\":0,"
               "\"cores\":\"\",\"weight\":0,\"io\":0,\"nofile\":0,\"tmpfs\":0,\"colour\":\"#000000\","
               "\"command\":[]}");
    for (unsigned milli = SPEC_CPUS_MILLI_MIN, bad = 0; milli <= SPEC_CPUS_MILLI_MAX; milli += 997) {
        json_t *j;

        s.cpus_milli = milli;
        j = spec_to_json(&s);
        bad += spec_from_json(j, &again, &e) != 0 || again.cpus_milli != milli;
        json_decref(j);
        if (milli + 997 > SPEC_CPUS_MILLI_MAX)
            T_INT(bad, 0);
    }
}

static int read_change(const char *text, struct spec_change *c)
{
    json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    int rc = j ? spec_change_from_json(j, c, &e) : -2;

    json_decref(j);
    return rc;
}

/* Only what was named changes, also to "the default"; all else stays as it was. */
static void test_change(void)
{
    static const char before[] =
        "{\"id\":\"a\",\"image\":\"x\",\"memory\":1073741824,\"cpus\":2,\"pids\":300,\"cores\":\"1-3\","
        "\"background\":\"run\",\"autostart\":true,\"weight\":300,\"colour\":\"#112233\",\"gpu\":true}";
    struct spec_change c;
    struct persona_spec want;

    T_INT(read_spec(before), 0);
    want = s;
    T_INT(read_change("{\"id\":\"a\",\"pids\":99}", &c), 0);
    T_INT(spec_change_apply(&c, &s, &e), 0);
    want.pids = 99;
    T(memcmp(&s, &want, sizeof s) == 0);
    T_INT(read_change("{\"id\":\"a\",\"memory\":0,\"cpus\":0.5,\"cores\":\"\",\"background\":\"freeze\","
                      "\"autostart\":false,\"weight\":1,\"io\":65536,\"colour\":\"#ffffff\"}",
                      &c),
          0);
    T_INT(spec_change_apply(&c, &s, &e), 0);
    T(s.memory == 0 && s.cpus_milli == 500 && s.cores[0] == '\0' && s.background == BACKGROUND_FREEZE &&
      !s.autostart && s.weight == 1 && s.io == 65536 && s.pids == 99 && s.gpu);
    T_STR(s.colour, "#ffffff");
    T_INT(read_change("{\"id\":\"a\",\"lan\":true}", &c), 0);
    T_INT(spec_change_apply(&c, &s, &e), 0);
    T(s.lan);
    s.network = NETWORK_NONE;
    s.lan = false;
    want = s;
    T_INT(spec_change_apply(&c, &s, &e), -1);
    T_STR(e.message, "`lan` needs a network, and this persona has none");
    T(memcmp(&s, &want, sizeof s) == 0);
}

static void test_change_refusals(void)
{
    static const struct {
        const char *text;
        enum err_code code;
        const char *message;
    } bad[] = {
        {"[]", ERR_BAD_REQUEST, "a change must be an object"},
        {"{\"pids\":99}", ERR_BAD_REQUEST, "`id` is missing"},
        {"{\"id\":\"a\"}", ERR_BAD_REQUEST, "nothing is to be changed"},
        {"{\"id\":\"A\",\"pids\":99}", ERR_BAD_ID, "`A` is not an id"},
        {"{\"id\":\"a\",\"pids\":1}", ERR_BAD_VALUE, "`pids` must be 16 to 4194304 processes"},
        {"{\"id\":\"a\",\"weight\":10001}", ERR_BAD_VALUE, "`weight` must be 1 to 10000"},
        {"{\"id\":\"a\",\"io\":1}", ERR_BAD_VALUE, "`io` must be 64K to 1T (a second)"},
        {"{\"id\":\"a\",\"colour\":\"\"}", ERR_BAD_VALUE, "`colour` must be a colour such as #3b82f6"},
        {"{\"id\":\"a\",\"privileged\":true}", ERR_UNKNOWN_FIELD, "unknown field `privileged`"},
    };
    static const char *const fixed[] = {"image", "command", "profile", "network", "gpu", "nofile", "tmpfs"};
    struct spec_change c = {.given = 77};
    char text[100];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        T_INT(read_change(bad[i].text, &c), -1);
        T_INT(e.code, bad[i].code);
        T_STR(e.message, bad[i].message);
    }
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        snprintf(text, sizeof text, "{\"id\":\"a\",\"%s\":true,\"pids\":99}", fixed[i]);
        T_NAMED(read_change(text, &c) == -1 && e.code == ERR_BAD_VALUE &&
                    strstr(e.message, "cannot be changed") && strstr(e.hint, "the home stays"),
                fixed[i]);
    }
    T_INT(c.given, 77);
}

static void test_refusals(void)
{
#define WITH(field) "{\"id\":\"a\",\"image\":\"x\"," field "}"
    static const struct {
        const char *text;
        enum err_code code;
        const char *message;
    } bad[] = {
        {"[]", ERR_BAD_REQUEST, "a declaration must be an object"},
        {"{}", ERR_BAD_REQUEST, "`id` is missing"},
        {"{\"id\":\"a\"}", ERR_BAD_REQUEST, "`image` is missing"},
        {"{\"id\":\"../x\",\"image\":\"x\"}", ERR_BAD_ID, "`../x` is not an id"},
        {"{\"id\":\"Work\",\"image\":\"x\"}", ERR_BAD_ID, "`Work` is not an id"},
        {"{\"id\":7,\"image\":\"x\"}", ERR_BAD_ID, "`` is not an id"},
        {"{\"id\":\"a\",\"image\":\"--x\\u001b[2J\"}", ERR_BAD_VALUE, "`--x?[2J` is not an image"},
        {"{\"id\":\"a\",\"image\":null}", ERR_BAD_VALUE, "`` is not an image"},
        {WITH("\"privileged\":true"), ERR_UNKNOWN_FIELD, "unknown field `privileged`"},
        {WITH("\"gpu\":1"), ERR_BAD_VALUE, "`gpu` must be true or false"},
        {WITH("\"network\":\"host\""), ERR_BAD_VALUE, "`network` must be one of slirp|none"},
        {WITH("\"network\":\"none\",\"lan\":true"), ERR_BAD_VALUE,
         "`lan` needs a network, and this persona has none"},
        {WITH("\"network\":null"), ERR_BAD_VALUE, "`network` must be one of slirp|none"},
        {WITH("\"memory\":\"1G\""), ERR_BAD_VALUE, "`memory` must be 16M to 1024T"},
        {WITH("\"memory\":-1"), ERR_BAD_VALUE, "`memory` must be 16M to 1024T"},
        {WITH("\"memory\":1048576"), ERR_BAD_VALUE, "`memory` must be 16M to 1024T"},
        {WITH("\"memory\":1125899906842625"), ERR_BAD_VALUE, "`memory` must be 16M to 1024T"},
        {WITH("\"memory\":1.5"), ERR_BAD_VALUE, "`memory` must be 16M to 1024T"},
        {WITH("\"cpus\":-1"), ERR_BAD_VALUE, "`cpus` must be 0.01 to 4096 CPUs"},
        {WITH("\"cpus\":1e300"), ERR_BAD_VALUE, "`cpus` must be 0.01 to 4096 CPUs"},
        {WITH("\"cpus\":0.0001"), ERR_BAD_VALUE, "`cpus` must be 0.01 to 4096 CPUs"},
        {WITH("\"cpus\":0.009"), ERR_BAD_VALUE, "`cpus` must be 0.01 to 4096 CPUs"},
        {WITH("\"cpus\":4096.5"), ERR_BAD_VALUE, "`cpus` must be 0.01 to 4096 CPUs"},
        {WITH("\"pids\":15"), ERR_BAD_VALUE, "`pids` must be 16 to 4194304 processes"},
        {WITH("\"pids\":4294967312"), ERR_BAD_VALUE, "`pids` must be 16 to 4194304 processes"},
        {WITH("\"cores\":\"3-1\""), ERR_BAD_VALUE, "`cores` must be a list of CPU numbers such as 0-3,6"},
        {WITH("\"colour\":\"\""), ERR_BAD_VALUE, "`colour` must be a colour such as #3b82f6"},
        {WITH("\"command\":\"sh\""), ERR_BAD_VALUE, "`command` must be a list of words"},
        {WITH("\"command\":[1]"), ERR_BAD_VALUE, "word 1 of `command` is not text"},
        {WITH("\"command\":[\"--rm\"]"), ERR_BAD_VALUE, "the first word of `command` must name a program"},
        {WITH("\"command\":[\"\"]"), ERR_BAD_VALUE, "the first word of `command` must name a program"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memset(&s, 0x55, sizeof s);
        memset(&again, 0x55, sizeof again);
        T_INT(read_spec(bad[i].text), -1);
        T_STR(e.message, bad[i].message);
        T_INT(e.code, bad[i].code);
        T(memcmp(&s, &again, sizeof s) == 0);
    }
}

static void test_command_limits(void)
{
    char text[SPEC_COMMAND_TEXT_MAX + 200];

    strcpy(text, "{\"id\":\"a\",\"image\":\"x\",\"command\":[\"w\"");
    for (int i = 1; i < SPEC_COMMAND_WORDS_MAX; i++)
        strcat(text, ",\"w\"");
    strcat(text, "]}");
    T_INT(read_spec(text), 0);
    T_INT(s.command_words, SPEC_COMMAND_WORDS_MAX);
    strcpy(text + strlen(text) - 2, ",\"w\"]}");
    T_INT(read_spec(text), -1);
    T_INT(e.code, ERR_LIMIT);
    for (int extra = 0; extra < 2; extra++) {
        snprintf(text, sizeof text, "{\"id\":\"a\",\"image\":\"x\",\"command\":[\"%0*d\"]}",
                 SPEC_COMMAND_TEXT_MAX - 1 + extra, 1);
        T_INT(read_spec(text), -extra);
    }
    T_INT(e.code, ERR_LIMIT);
}

static void test_units(void)
{
    static const struct {
        const char *text;
        long long bytes;
    } sizes[] = {{"0", 0},
                 {"1048576", 1048576},
                 {"512M", 512LL << 20},
                 {"1.5G", 3LL << 29},
                 {"1.5GiB", 3LL << 29},
                 {"2k", 2048},
                 {"1T", 1LL << 40},
                 {"0.000001M", 1},
                 {"1125899906842624", 1LL << 50},
                 {"1024T", 1LL << 50},
                 {"", -1},
                 {"G", -1},
                 {"1.5", -1},
                 {"1.G", -1},
                 {".5G", -1},
                 {"-1G", -1},
                 {"1GB", -1},
                 {"1g1", -1},
                 {"1X", -1},
                 {" 1", -1},
                 {"1.0000001M", -1},
                 {"99999999999999999T", -1},
                 {"9999999999999999999", -1},
                 {NULL, -1}};
    static const struct {
        const char *text;
        long long milli;
    } cpus[] = {{"1", 1000}, {"1.5", 1500},  {"0.25", 250}, {"0.001", 1}, {"4096", 4096000}, {"", -1},
                {"1.", -1},  {"1.0005", -1}, {"-1", -1},    {"1e3", -1},  {"4294968", -1},   {NULL, -1}};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint64_t got = 0;
        int rc = spec_parse_size(sizes[i].text, &got);

        T_INT(rc ? -1 : (long long)got, sizes[i].bytes);
    }
    for (size_t i = 0; i < sizeof cpus / sizeof *cpus; i++) {
        uint32_t got = 0;
        int rc = spec_parse_cpus(cpus[i].text, &got);

        T_INT(rc ? -1 : (long long)got, cpus[i].milli);
    }
}

/* The list of choices in the help text must be the list that the parser takes, in the order of the enum. */
static void test_choices(void)
{
    char text[100];

    for (size_t i = 0; i < spec_options_count; i++) {
        const struct spec_option *o = &spec_options[i];
        bool profile = strcmp(o->name, "profile") == 0, network = strcmp(o->name, "network") == 0;

        T(*o->help && strlen(o->help) < 80);
        T((o->kind == SPEC_SWITCH) == (o->value[0] == '\0'));
        text[0] = '\0';
        for (int k = 0; o->kind == SPEC_CHOICE; k++) {
            const char *name = profile   ? spec_profile_name((enum profile_id)k)
                               : network ? spec_network_name((enum network_mode)k)
                                         : spec_background_name((enum background_mode)k);

            if (strcmp(name, "?") == 0)
                break;
            strcat(strcat(text, k ? "|" : ""), name);
        }
        if (o->kind == SPEC_CHOICE)
            T_STR(o->value, text);
    }
}

static void test_colours(void)
{
    char text[64], seen[12][8];
    size_t n = 0;

    for (int i = 0; i < 200; i++) {
        size_t k = 0;

        snprintf(text, sizeof text, "{\"id\":\"p%d\",\"image\":\"x\"}", i);
        if (read_spec(text) || !name_colour_ok(s.colour))
            break;
        while (k < n && strcmp(seen[k], s.colour) != 0)
            k++;
        if (k == n && n < 12)
            memcpy(seen[n++], s.colour, 8);
    }
    T_INT(n, 12);
    read_spec("{\"id\":\"work\",\"image\":\"x\"}");
    memcpy(text, s.colour, sizeof s.colour);
    read_spec("{\"id\":\"web\",\"image\":\"x\"}");
    T(strcmp(text, s.colour) != 0);
}

int main(void)
{
    test_defaults();
    test_round_trip();
    test_refusals();
    test_change();
    test_change_refusals();
    test_command_limits();
    test_units();
    test_choices();
    test_colours();
    return t_done();
}
