/* Connected and silent; and coming and going. */
#include "end.h"
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static double base;

static double resident(void)
{
    long pages = 0, in_memory = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file) {
        if (fscanf(file, "%ld %ld", &pages, &in_memory) != 2)
            in_memory = 0;
        fclose(file);
    }
    return (double)in_memory * sysconf(_SC_PAGESIZE);
}

static void memory_figure(char *text, size_t size)
{
    snprintf(text, size, ",\"rss\":%.0f", resident() - base);
}

static void idle(ENetHost *host, int port)
{
    extra_figures = memory_figure;
    ready(host, port);
    while (phase < STOPPING) {
        ENetEvent event;
        while (enet_host_service(host, &event, 100) > 0) {
            if (event.type == ENET_EVENT_TYPE_RECEIVE)
                enet_packet_destroy(event.packet);
        }
        messages = (long)host->connectedPeers;
    }
    done("{\"connected\":%zu}", host->connectedPeers);
    linger(host);
}

void idle_server(void)
{
    base = resident();

    /* Those who left keep their places until it is their turn to be heard of; newcomers must not wait for that. */
    ENetHost *host = listen_for((size_t)int_setting("clients", 1) + (size_t)int_setting("batch", 0) * 2);
    idle(host, host->address.port);
}

void idle_client(void)
{
    base = resident();
    int port = (int)int_setting("port", 0);
    idle(connect_all(port, (size_t)int_setting("clients", 1)), port);
}

static pthread_mutex_t whole = PTHREAD_MUTEX_INITIALIZER;
static double coming;
static long connected;

static void coming_figures(char *text, size_t size)
{
    pthread_mutex_lock(&whole);
    snprintf(text, size, ",\"coming\":%.6f,\"connected\":%ld", coming, connected);
    pthread_mutex_unlock(&whole);
}

void connect_client(void)
{
    int port = (int)int_setting("port", 0);
    size_t batch = (size_t)int_setting("batch", 100);
    ENetHost *host = connect_all(port, batch);
    extra_figures = coming_figures;
    ready(host, port);
    while (running()) {
        for (size_t i = 0; i < host->peerCount; i++)
            enet_peer_disconnect_now(&host->peers[i], 0);
        double began = now_seconds();
        connect_more(host, port, batch);
        pthread_mutex_lock(&whole);
        coming += now_seconds() - began;
        connected += (long)batch;
        pthread_mutex_unlock(&whole);
        messages += (long)batch;
    }
    done("{\"sent\":0}");
    linger(host);
}
