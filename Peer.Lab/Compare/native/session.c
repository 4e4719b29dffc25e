/* The line protocol: a thread reads words, the work looks at the phase. */
#include "end.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

volatile Phase phase = WAITING;
volatile long messages;
volatile long expected = INT64_MAX;
void (*extra_figures)(char *text, size_t size);

static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;

double now_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double cpu_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

static void mark(void)
{
    char extra[512] = "";
    if (extra_figures)
        extra_figures(extra, sizeof extra);
    pthread_mutex_lock(&output);
    printf("mark {\"t\":%.9f,\"cpu\":%.6f,\"messages\":%ld%s}\n", now_seconds(), cpu_seconds(), messages, extra);
    fflush(stdout);
    pthread_mutex_unlock(&output);
}

static void *read_words(void *unused)
{
    (void)unused;
    char line[128];
    while (fgets(line, sizeof line, stdin) && strncmp(line, "quit", 4) != 0) {
        if (strncmp(line, "go", 2) == 0) {
            phase = WARMING;
        } else if (strncmp(line, "mark", 4) == 0) {
            mark();
            phase = phase == WARMING ? COUNTING : COUNTED;
        } else if (strncmp(line, "stop", 4) == 0) {
            if (line[4] == ' ')
                expected = atol(line + 5);
            phase = STOPPING;
        }
    }

    /* The work may be waiting in the library, with nothing left to say to anybody. */
    _exit(0);
}

void ready(ENetHost *host, int port)
{
    pthread_t reader;
    if (pthread_create(&reader, NULL, read_words, NULL) != 0)
        fail("no thread");
    pthread_mutex_lock(&output);
    printf("ready {\"port\":%d}\n", port);
    fflush(stdout);
    pthread_mutex_unlock(&output);
    while (phase == WAITING) {
        ENetEvent event;
        while (enet_host_service(host, &event, 10) > 0) {
            if (event.type == ENET_EVENT_TYPE_RECEIVE)
                enet_packet_destroy(event.packet);
        }
    }
}

void done(const char *format, ...)
{
    va_list arguments;
    pthread_mutex_lock(&output);
    printf("done ");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
    pthread_mutex_unlock(&output);
}

void fail(const char *why)
{
    printf("failed %s\n", why);
    fflush(stdout);
    _exit(1);
}
