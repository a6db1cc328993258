/* SPDX-License-Identifier: MIT
 * Tests of base64: the vectors of RFC 4648, every length, and what is refused. */
#include "core/base64.h"
#include "tests/t.h"

static void test_vectors(void)
{
    static const char *const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
    static const char *const coded[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};

    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        char text[BASE64_ROOM(6)];
        unsigned char back[6];
        size_t len = 99;

        base64_encode((const unsigned char *)plain[i], strlen(plain[i]), text);
        T_STR(text, coded[i]);
        T_INT(base64_decode(coded[i], strlen(coded[i]), back, strlen(plain[i]), &len), 0);
        T(len == strlen(plain[i]) && memcmp(back, plain[i], len) == 0);
        if (len > 0)
            T_INT(base64_decode(coded[i], strlen(coded[i]), back, strlen(plain[i]) - 1, &len), -1);
    }
}

static void test_round(void)
{
    unsigned char data[300], back[300];
    char text[BASE64_ROOM(sizeof data)];
    bool same = true;

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 7 + 3);
    for (size_t n = 0; n <= sizeof data; n++) {
        size_t len = 0;

        base64_encode(data, n, text);
        same = same && base64_decode(text, strlen(text), back, sizeof back, &len) == 0 && len == n &&
               memcmp(back, data, n) == 0;
    }
    T_NAMED(same, "every length from 0 to 300 comes back as it was");
}

static void test_refused(void)
{
    static const char *const bad[] = {
        "Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zh==", "Zm9=", "Zm 9v", "Zm9-", "Zm9v\tZg=", "=Zm9"};
    unsigned char out[16];
    size_t len;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        T_NAMED(base64_decode(bad[i], strlen(bad[i]), out, sizeof out, &len) == -1, bad[i]);
}

int main(void)
{
    test_vectors();
    test_round();
    test_refused();
    return t_done();
}
