/* server|client work key=value ... */
#include "end.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int setting_count;
static char **settings;

const char *text_setting(const char *key, const char *otherwise)
{
    size_t length = strlen(key);
    for (int i = 0; i < setting_count; i++) {
        if (strncmp(settings[i], key, length) == 0 && settings[i][length] == '=')
            return settings[i] + length + 1;
    }
    return otherwise;
}

long int_setting(const char *key, long otherwise)
{
    const char *text = text_setting(key, NULL);
    return text ? atol(text) : otherwise;
}

static const struct {
    const char *work;
    void (*server)(void);
    void (*client)(void);
} works[] = {
    {"oneway", oneway_server, oneway_client},
    {"echo", echo_server, echo_client},
    {"rtt", echo_server, rtt_client},
    {"fanout", fanout_server, fanout_client},
    {"idle", idle_server, idle_client},
    {"connect", idle_server, connect_client},
    {"transfer", transfer_server, transfer_client},
    {"stream", stream_server, stream_client},
};

int main(int count, char **words)
{
    if (count < 3 || enet_initialize() != 0) {
        fprintf(stderr, "usage: %s server|client work key=value ...\n", words[0]);
        return 2;
    }
    setting_count = count - 3;
    settings = words + 3;
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        if (strcmp(words[2], works[i].work) == 0)
            (strcmp(words[1], "server") == 0 ? works[i].server : works[i].client)();
    }
    fail("no such work");
}
