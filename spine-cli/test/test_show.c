/* SPDX-License-Identifier: MIT
 * Tests of what people and programs get to see. */
#include "spine-cli/io.h"
#include "spine-cli/show.h"
#include "spine-cli/test/golden.h"

#include <stdint.h>

static char *text;
static size_t size;

static json_t *json(const char *s)
{
    json_t *j = json_loads(s, 0, NULL);

    T_NAMED(j != NULL, "test data is JSON");
    return j;
}

static int shown(enum verb_id v, const char *result, bool as_json)
{
    json_t *j = json(result);
    FILE *out;
    int rc;

    free(text);
    out = open_memstream(&text, &size);
    rc = (as_json ? show_json : show_result)(&verbs[v], j, out);
    fclose(out);
    json_decref(j);
    return rc;
}

static const char two[] =
    "{\"personas\":[{\"id\":\"web\",\"image\":\"localhost/"
    "persona-bookworm\",\"state\":\"running\",\"focus\":false,\"frozen\":true,"
    "\"pid\":812,\"cgroup\":\"/spine/personas/"
    "web\",\"cpu_usec\":1234567,\"memory\":52428800,\"network\":\"slirp\",\"gpu\":false,"
    "\"audio\":true,\"background\":\"freeze\",\"declaration\":{\"id\":\"web\",\"image\":\"localhost/"
    "persona-bookworm\","
    "\"profile\":\"desktop\",\"network\":\"slirp\",\"background\":\"freeze\",\"gpu\":false,\"audio\":true,"
    "\"ai\":true,"
    "\"autostart\":false,\"memory\":2147483648,\"cpus\":1.5,\"pids\":0,\"cores\":\"0-1\",\"colour\":\"#"
    "3b82f6\",\"command\":[]}},"
    "{\"id\":\"work\",\"image\":\"bad\\u001b[31mname\\u202e\",\"state\":\"running\",\"focus\":true,"
    "\"frozen\":false,\"pid\":900,"
    "\"cgroup\":\"/spine/personas/"
    "work\",\"cpu_usec\":987654321,\"memory\":1610612736,\"network\":\"none\",\"gpu\":true,"
    "\"audio\":false,\"background\":\"throttle\",\"declaration\":{\"id\":\"work\",\"image\":\"x\","
    "\"profile\":\"dev\","
    "\"network\":\"none\",\"background\":\"throttle\",\"gpu\":true,\"audio\":false,\"ai\":false,"
    "\"autostart\":false,\"memory\":0,"
    "\"cpus\":0.0,\"pids\":0,\"cores\":\"\",\"colour\":\"#e4572e\",\"command\":[]}},"
    "{\"id\":\"old\",\"image\":\"x\",\"state\":\"stopped\",\"throttled\":false,\"cpu_usec\":0,\"memory\":0},"
    "{\"id\":\"slow\",\"image\":\"x\",\"state\":\"running\",\"throttled\":true}]}";

static void test_tables(void)
{
    T_INT(shown(VERB_PS, two, false), 0);
    t_golden("ps.txt", text);
    T_INT(shown(VERB_PERSONA_LIST, two, false), 0);
    t_golden("list.txt", text);
    T_INT(shown(VERB_PS, "{\"personas\":[]}", false), 0);
    T_STR(text, "  ID  IMAGE  STATE  CPU  MEMORY  NETWORK  GPU  AUDIO  BACKGROUND\n");
    /* Another type than promised must not be worse than a dash. */
    T_INT(shown(VERB_PS, "{\"personas\":[{\"id\":7,\"cpu_usec\":\"x\",\"memory\":-5},[],null]}", false), 0);
    T_INT(shown(VERB_PS, "{}", false), 0);
    T_INT(shown(VERB_SERVICE_STATUS,
                "{\"services\":[{\"name\":\"ai-core\",\"up\":true,\"socket\":\"/run/spine/ai/"
                "ollama.sock\",\"socket_exists\":true,"
                "\"restarts\":2},{\"name\":\"sway\",\"up\":false,\"state\":\"given "
                "up\",\"socket\":null,\"socket_exists\":false,"
                "\"restarts\":10},{\"name\":\"pipewire\",\"up\":false,\"socket\":\"/run/"
                "p\",\"socket_exists\":false,\"restarts\":0}]}",
                false),
          0);
    t_golden("services.txt", text);
}

#define LOG_LINES                                                                                            \
    "{\"lines\":[{\"time\":\"2026-11-22T05:03:18.123Z\",\"level\":\"info\",\"source\":\"work\","             \
    "\"message\":\"one\\u001b[2J\"},{\"time\":\"\",\"level\":\"warning\",\"source\":\"spine\",\"message\":"  \
    "\"\"}]}"

static void test_doctor(void)
{
    static const char ill[] =
        "{\"checks\":[{\"name\":\"cgroup\",\"ok\":true,\"detail\":\"v2, all controllers\",\"advice\":\"\"},"
        "{\"name\":\"GPU\",\"ok\":true,\"level\":\"note\",\"detail\":\"none\",\"advice\":\"\"},"
        "{\"name\":\"sway\",\"ok\":false,\"detail\":\"gave up\\nafter 5\",\"advice\":\"see `spine logs`\"}]}";
    static const char well[] =
        "{\"checks\":[{\"name\":\"cgroup\",\"ok\":true,\"detail\":\"fine\",\"advice\":\"\"}]}";

    T_INT(shown(VERB_DOCTOR, ill, false), 1);
    T_STR(text, "ok    cgroup: v2, all controllers\nnote  GPU: none\nFAIL  sway: gave up?after 5\n      -> "
                "see `spine logs`\n");
    T_INT(shown(VERB_DOCTOR, ill, true), 1);
    T_INT(shown(VERB_DOCTOR, well, false), 0);
    T_INT(shown(VERB_DOCTOR, well, true), 0);
    T_STR(text, "{\"checks\":[{\"name\":\"cgroup\",\"ok\":true,\"detail\":\"fine\",\"advice\":\"\"}]}\n");
    T_INT(shown(VERB_DOCTOR, "{\"checks\":[]}", false), 1); /* nothing checked is not healthy */
}

static void test_explain(void)
{
#define ROWS "\"rows\":[{\"about\":\"grant\",\"what\":\"ai\",\"is\":\"gi\\u001bven\",\"why\":\"--ai\"}]"
    static const char title[] = "ABOUT  WHAT  IS      WHY\ngrant  ai    gi?ven  --ai\n\n";
    char want[200];

    T_INT(shown(VERB_PERSONA_EXPLAIN, "{" ROWS ",\"drift\":[],\"compared\":true}", false), 0);
    snprintf(want, sizeof want, "%sWhat runs is as declared.\n", title);
    T_STR(text, want);
    T_INT(shown(VERB_PERSONA_EXPLAIN, "{" ROWS ",\"drift\":[],\"compared\":false}", false), 0);
    snprintf(want, sizeof want, "%sIt does not run: nothing was compared.\n", title);
    T_STR(text, want);
    T_INT(shown(VERB_PERSONA_EXPLAIN, "{" ROWS ",\"drift\":[\"a\\nb\",7],\"compared\":true}", false), 1);
    snprintf(want, sizeof want, "%sdiffers: a?b\ndiffers: \n", title);
    T_STR(text, want);
}

static void test_json(void)
{
    T_INT(shown(VERB_PS, "{\"personas\":[{\"id\":\"a\",\"gpu\":false}]}", true), 0);
    T_STR(text, "{\"personas\":[{\"id\":\"a\",\"gpu\":false}]}\n");
    T_INT(shown(VERB_PERSONA_LIST,
                "{\"personas\":[{\"id\":\"a\",\"gpu\":false,\"declaration\":{\"id\":\"a\",\"cpus\":1.1}}]}",
                true),
          0);
    T_STR(text, "{\"personas\":[{\"id\":\"a\",\"cpus\":1.1}]}\n");
    T_INT(shown(VERB_PERSONA_LIST, "{\"personas\":[{\"id\":\"a\"},7]}", true), 0);
    T_STR(text, "{\"personas\":[]}\n");
    T_INT(shown(VERB_FOCUS, "{\"note\":\"\\u001b\\u009b\\u00e4\"}", true), 0);
    T_STR(text, "{\"note\":\"\\u001B\\u009B\\u00E4\"}\n");
}

static void test_small(void)
{
    json_t *event = json("{\"event\":\"persona\",\"id\":\"work\",\"state\":\"run\\u001bning\",\"focus\":true,"
                         "\"n\":{\"a\":1}}");
    static const struct {
        long long bytes;
        const char *text;
    } sizes[] = {
        {0, "-"},           {-1, "-"},        {1, "1B"},         {1023, "1023B"},     {1024, "1.0K"},
        {1536, "1.5K"},     {102400, "100K"}, {1048575, "1.0M"}, {52428800, "50.0M"}, {1610612736, "1.5G"},
        {INT64_MAX, "8.0E"}};
    char out[SHOW_SIZE_MAX];
    FILE *f;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        T_STR(show_size(sizes[i].bytes, out), sizes[i].text);
    T_INT(shown(VERB_FOCUS, "{}", false), 0);
    T_STR(text, "");
    T_INT(shown(VERB_PERSONA_RM, "{\"note\":\"its home stays\\u0007\"}", false), 0);
    T_STR(text, "its home stays?\n");
    T_INT(shown(VERB_LOGS, LOG_LINES, false), 0);
    T_STR(text, "2026-11-22T05:03:18.123Z info: one?[2J\nwarning: \n");
    T_INT(shown(VERB_LOGS, LOG_LINES, true), 0);
    T_STR(text, "{\"time\":\"2026-11-22T05:03:18.123Z\",\"level\":\"info\",\"source\":\"work\",\"message\":"
                "\"one\\u001B[2J\"}\n"
                "{\"time\":\"\",\"level\":\"warning\",\"source\":\"spine\",\"message\":\"\"}\n");
    T_INT(shown(VERB_RUN, "{\"status\":126}", false), 126);
    T_STR(text, "");
    T_INT(shown(VERB_RUN, "{\"status\":256}", false), 1);
    T_INT(shown(VERB_SHELL, "{\"status\":3}", true), 3);
    T_STR(text, "{\"status\":3}\n");
    free(text);
    f = open_memstream(&text, &size);
    show_event(event, f);
    fclose(f);
    T_STR(text, "persona id=work state=run?ning focus=true n={\"a\":1}\n");
    json_decref(event);
}

/* Long lines are cleaned in pieces; no character may be torn at a seam. */
static void test_long_text(void)
{
    char big[4000];
    FILE *f;

    for (int shift = 0; shift < 3; shift++) {
        memset(big, 'a', 3);
        for (size_t i = (size_t)shift; i + 4 < sizeof big; i += 3)
            memcpy(big + i, "\xe2\x82\xac", 4);
        free(text);
        f = open_memstream(&text, &size);
        io_text(f, big);
        fclose(f);
        T(strcmp(text, big) == 0);
    }
    memset(big, '\x80', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    free(text);
    f = open_memstream(&text, &size);
    io_text(f, big);
    fclose(f);
    T(strlen(text) == sizeof big - 1 && strspn(text, "?") == sizeof big - 1);
}

static void test_progress(void)
{
    json_t *p = json("{\"step\":\"pull\",\"percent\":40,\"detail\":\"\\u20ac\\u20ac \\u001b[2Jlayer\"}");
    struct io io = {.width = 12};

    free(text);
    io.out = io.err = open_memstream(&text, &size);
    io_progress(&io, p);
    io_settle(&io);
    io.rewrite = true;
    io_progress(&io, p);
    io_settle(&io);
    io_settle(&io);
    io.json = true;
    io_progress(&io, p);
    fclose(io.out);
    T_STR(
        text,
        "pull 40% \xe2\x82\xac\xe2\x82\xac ?[2Jlayer\n"
        "\r\033[Kpull 40% \xe2\x82\xac\xe2\x82\xac\r\033[K"
        "{\"progress\":{\"step\":\"pull\",\"percent\":40,\"detail\":\"\\u20AC\\u20AC \\u001B[2Jlayer\"}}\n");
    json_decref(p);
}

int main(void)
{
    test_tables();
    test_doctor();
    test_explain();
    test_json();
    test_small();
    test_long_text();
    test_progress();
    free(text);
    return t_done();
}
