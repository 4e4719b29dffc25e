/* 100 B on each connection sixty times a second, in turn, and bulk beside it. Stream.cs says what a message holds. */
#include "end.h"
#include <stdio.h>
#include <string.h>

#define HERTZ 60
#define SIZE 100
#define BULK_SIZE (16 * 1024)
#define BULK_CHANNEL 1

/* All channels of a peer share one window of 64 KiB and one queue: what is queued beyond it delays the stream, what is less leaves it half empty. */
#define BULK_BOUND 5

static int outstanding;

static void forget(ENetPacket *packet)
{
    (void)packet;
    outstanding--;
}

static void put_bulk(ENetPeer *peer)
{
    static unsigned char bulk[BULK_SIZE];
    while (outstanding < BULK_BOUND) {
        ENetPacket *packet = enet_packet_create(bulk, BULK_SIZE, ENET_PACKET_FLAG_RELIABLE);
        packet->freeCallback = forget;
        outstanding++;
        if (enet_peer_send(peer, BULK_CHANNEL, packet) != 0)
            fail("enet_peer_send");
    }
}

void stream_client(void)
{
    int port = (int)int_setting("port", 0);
    long clients = int_setting("clients", 1);
    int bulk = int_setting("bulk", 0) == 1;
    ENetHost *host = connect_all(port, (size_t)clients);
    ready(host, port);
    unsigned char payload[SIZE] = {0};
    double period = 1.0 / (HERTZ * (double)clients), began = now_seconds();
    long turns = 0;
    ENetEvent event;
    while (running()) {
        double due = began + (double)turns * period, now = now_seconds();
        if (now >= due) {
            int32_t number = (int32_t)messages;
            payload[0] = phase == COUNTING;
            memcpy(payload + 4, &number, sizeof number);
            memcpy(payload + 8, &now, sizeof now);
            if (enet_peer_send(&host->peers[turns++ % clients], 0, enet_packet_create(payload, SIZE, ENET_PACKET_FLAG_RELIABLE)) != 0)
                fail("enet_peer_send");
            if (payload[0])
                messages++;
            enet_host_flush(host);
            continue;
        }
        if (bulk)
            put_bulk(&host->peers[0]);
        enet_uint32 wait = due - now > 0.001 ? 1 : 0;
        while (enet_host_service(host, &event, wait) > 0) {
            if (event.type == ENET_EVENT_TYPE_DISCONNECT)
                fail("disconnected");
            wait = 0;
        }
    }
    enet_host_flush(host);
    done("{\"sent\":%ld}", messages);
    linger(host);
}

void stream_server(void)
{
    ENetHost *host = listen_for((size_t)int_setting("clients", 1));
    ready(host, host->address.port);
    static int32_t last[4096];
    double window_began = 0, window_bytes = 0, bulk = 0, seconds = 0, stopped = 0;
    long wrong = 0;
    ENetEvent event;
    memset(last, 0xff, sizeof last);
    while (phase < STOPPING || (messages < expected && now_seconds() - stopped < 20)) {
        int found = enet_host_service(host, &event, phase < STOPPING ? 100 : 20);
        double now = now_seconds();
        for (; found > 0; found = enet_host_check_events(host, &event)) {
            if (event.type != ENET_EVENT_TYPE_RECEIVE)
                continue;
            if (event.channelID == BULK_CHANNEL) {
                bulk += (double)event.packet->dataLength;
            } else if (event.packet->data[0]) {
                int32_t number;
                double sent;
                memcpy(&number, event.packet->data + 4, sizeof number);
                memcpy(&sent, event.packet->data + 8, sizeof sent);
                size_t peer = (size_t)(event.peer - host->peers);
                if (event.packet->dataLength != SIZE || number <= last[peer])
                    wrong++;
                last[peer] = number;
                record((now - sent) * 1e9);
                if (window_began == 0) {
                    window_began = now;
                    window_bytes = -bulk;
                }
                messages++;
            }
            enet_packet_destroy(event.packet);
        }
        if (phase >= STOPPING && stopped == 0) {
            stopped = now;
            seconds = now - window_began;
            window_bytes += bulk;
        }
    }
    char rate[64] = "";
    if (bulk > 0)
        snprintf(rate, sizeof rate, ",\"bulk_mbit_per_second\":%.3f", window_bytes * 8e-6 / seconds);
    done("{\"samples\":%zu,\"p50_us\":%.3f,\"p99_us\":%.3f,\"p999_us\":%.3f,\"max_us\":%.3f,\"received\":%ld,\"wrong\":%ld%s}", recorded(), percentile_us(0.5),
        percentile_us(0.99), percentile_us(0.999), percentile_us(1), messages, wrong, rate);
    linger(host);
}
