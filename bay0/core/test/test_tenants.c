/* SPDX-License-Identifier: MIT
 * Tests of the tenants' table: the row that is built in, a good file, and one fault at a time. */
#include "core/tenants.h"
#include "sample.h"
#include "tests/t.h"

static struct err e;
static struct tenants t;

static const char good[] =
    "{\"tenants\":[{\"name\":\"ai-core\",\"image\":\"localhost/ai-core\",\"socket\":\"ai/ollama.sock\","
    "\"upstream\":\"127.0.0.1:8080\",\"models\":\"ai/models\",\"models_at\":\"/"
    "models\",\"memory\":\"2G\",\"pids\":64,"
    "\"env\":[\"A=1\",\"B_2=x y\"],\"command\":[\"/usr/bin/llama-server\",\"--port\",\"8080\",\"\"]},"
    "{\"name\":\"two\",\"image\":\"localhost/two\",\"socket\":\"tenant/"
    "two.sock\",\"upstream\":\"127.0.0.1:1/v1/up\","
    "\"models\":\"tenant/two\",\"models_at\":\"/data\",\"models_writable\":true,\"command\":[\"/two\"]}]}";

static void test_default(void)
{
    const struct tenant *row;

    tenants_default(&t);
    row = tenants_find(&t, "ai-core");
    T(row != NULL && tenants_find(&t, "other") == NULL);
    T_STR(row->image, "docker.io/ollama/ollama");
    T_STR(row->socket, "ai/ollama.sock");
    T_STR(row->upstream, "127.0.0.1:11434");
    T_INT(row->command_words, 2);
    T_STR(row->command, "/bin/ollama");
    T_STR(row->command + strlen(row->command) + 1, "serve");
}

static void test_good(void)
{
    const struct tenant *row;

    T_INT(tenants_parse(good, sizeof good - 1, &t, &e), 0);
    T_INT(t.n, 2);
    row = tenants_find(&t, "ai-core");
    T(row && row->memory == (uint64_t)2 << 30 && row->pids == 64 && !row->models_writable);
    T_STR(row->image, "localhost/ai-core");
    T_INT(row->command_words, 4);
    T_STR(row->command, "/usr/bin/llama-server");
    T_STR(row->command + sizeof "/usr/bin/llama-server", "--port");
    T_INT(row->env_words, 2);
    T_STR(row->env, "A=1");
    T_STR(row->env + 4, "B_2=x y");
    /* The words lie in the table that was given, not in one that is gone. */
    T(row->name >= t.text && row->name < t.text + sizeof t.text && row->env >= t.text &&
      row->env < t.text + sizeof t.text);
    row = tenants_find(&t, "two");
    T(row && row->models_writable && row->env_words == 0 && row->memory == (uint64_t)8 << 30 &&
      row->pids == 512);
}

/* One field of the first row replaced (or added, or with NULL taken away). */
static void refuse(const char *field, const char *value, enum err_code code)
{
    json_t *root = json_loads(good, 0, NULL), *v = value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
    json_t *row = json_array_get(json_object_get(root, "tenants"), 0);
    char name[200], *text;
    static struct tenants before;

    if (value)
        json_object_set(row, field, v);
    else
        json_object_del(row, field);
    text = json_dumps(root, 0);
    memset(&e, 0, sizeof e);
    memcpy(&before, &t, sizeof t);
    snprintf(name, sizeof name, "%s %.100s is refused", field, value ? value : "missing");
    T_NAMED(text && (!value || v) && tenants_parse(text, strlen(text), &t, &e) == -1 && e.code == code, name);
    T_NAMED(memcmp(&before, &t, sizeof t) == 0, "and leaves the table alone");
    free(text);
    json_decref(v);
    json_decref(root);
}

static const struct {
    const char *field, *value;
} bad[] = {
    {"name", "\"../x\""},
    {"name", "\"Ai\""},
    {"name", "7"},
    {"name", "\"two\""},
    {"name", NULL},
    {"image", "\"-x\""},
    {"image", "\"oci-archive:/x\""},
    {"image", "\"a b\""},
    {"image", NULL},
    {"socket", "\"bay0.sock\""},
    {"socket", "\"persona/work/x\""},
    {"socket", "\"/ai/x\""},
    {"socket", "\"ai/../bay0.sock\""},
    {"socket", "\"ai/\""},
    {"socket", "\"ai//x\""},
    {"socket", "\"ai/x,y\""},
    {"socket", "\"tenant/two.sock\""},
    {"socket", NULL},
    {"upstream", "\"0.0.0.0:80\""},
    {"upstream", "\"127.0.0.1:0\""},
    {"upstream", "\"127.0.0.1:65536\""},
    {"upstream", "\"127.0.0.1:80 \""},
    {"upstream", "\"127.0.0.1:\""},
    {"upstream", "\"127.0.0.1:/health\""},
    {"upstream", "\"127.0.0.1:80/he alth\""},
    {"upstream", NULL},
    {"models", "\"home/work\""},
    {"models", "\"\""},
    {"models", "\"ai/models:/x\""},
    {"models", NULL},
    {"models_at", "\"/etc\""},
    {"models_at", "\"/usr/local/bin\""},
    {"models_at", "\"models\""},
    {"models_at", "\"/\""},
    {"models_at", "\"/a:ro\""},
    {"models_at", "\"/a/../proc\""},
    {"models_at", "\"/dev\""},
    {"models_at", "\"/a b\""},
    {"models_at", "\"/a/..\""},
    {"models_at", NULL},
    {"models_writable", "1"},
    {"memory", "\"lots\""},
    {"memory", "1"},
    {"memory", "-1"},
    {"memory", "true"},
    {"pids", "1"},
    {"pids", "\"64\""},
    {"pids", "99999999"},
    {"command", "[]"},
    {"command", "\"/bin/x\""},
    {"command", "[\"\"]"},
    {"command", "[\"a\\u0001\"]"},
    {"command", "[1]"},
    {"command", NULL},
    {"env", "[\"LD_PRELOAD=/x\"]"},
    {"env", "[\"LISTEN_FDS=9\"]"},
    {"env", "[\"a=b\"]"},
    {"env", "[\"A\"]"},
    {"env", "[\"A=\\n\"]"},
    {"env", "{}"},
};

static void test_faults(void)
{
    static char many[TENANTS_FILE_MAX + 2];
    size_t i;

    T_INT(tenants_parse(good, sizeof good - 1, &t, &e), 0);
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        refuse(bad[i].field, bad[i].value, ERR_BAD_VALUE);
    refuse("privileged", "true", ERR_UNKNOWN_FIELD);
    T_INT(tenants_parse("{}", 2, &t, &e), -1);
    T_INT(tenants_parse("[]", 2, &t, &e), -1);
    T_INT(tenants_parse("{\"tenants\":[],\"x\":1}", 20, &t, &e), -1);
    T_INT(tenants_parse(good, sizeof good / 2, &t, &e), -1);
    T_INT(tenants_parse("{\"tenants\":[1]}", 15, &t, &e), -1);
    T_INT(tenants_parse("{\"tenants\":[{},{},{},{},{},{},{},{},{}]}", 40, &t, &e), -1);
    memset(many, ' ', sizeof many);
    T_INT(tenants_parse(many, TENANTS_FILE_MAX + 1, &t, &e), -1);
    T_INT(tenants_parse("{\"tenants\":[]}", 14, &t, &e), 0);
    T_INT(t.n, 0);
}

int main(void)
{
    test_default();
    test_good();
    test_faults();
    return t_done();
}
