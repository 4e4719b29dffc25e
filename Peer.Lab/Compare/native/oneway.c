/* Sends as fast as a bounded queue lets it; each message begins with its number. */
#include "end.h"
#include <string.h>

#define BURST 500

static long outstanding;

static void forget(ENetPacket *packet)
{
    (void)packet;
    outstanding--;
}

void oneway_client(void)
{
    int port = (int)int_setting("port", 0);
    size_t size = (size_t)int_setting("size", 32);
    enet_uint32 flags = mode_flags(text_setting("mode", "reliable"));

    /* A few of the library's windows of 64 KiB: fewer are waited for, and a longer queue it walks again and again. */
    long bound = int_setting("bound", 256 * 1024 / (long)size);
    ENetHost *host = connect_all(port, 1);
    ready(host, port);

    unsigned char payload[65536] = {0};
    long sent = 0;
    ENetEvent event;
    while (running()) {
        for (int i = 0; i < BURST && outstanding < bound; i++) {
            int64_t number = sent++;
            memcpy(payload, &number, sizeof number);
            ENetPacket *packet = enet_packet_create(payload, size, flags);
            packet->freeCallback = forget;
            outstanding++;
            if (enet_peer_send(&host->peers[0], 0, packet) != 0)
                fail("enet_peer_send");
        }
        messages = sent;
        while (enet_host_service(host, &event, outstanding < bound ? 0 : 1) > 0) {
            if (event.type == ENET_EVENT_TYPE_DISCONNECT)
                fail("disconnected");
        }
    }
    enet_host_flush(host);
    done("{\"sent\":%ld}", sent);
    linger(host);
}

void oneway_server(void)
{
    size_t size = (size_t)int_setting("size", 32);
    const char *mode = text_setting("mode", "reliable");
    bool reliable = strcmp(mode, "reliable") == 0, ordered = strcmp(mode, "ordered") == 0;
    ENetHost *host = listen_for(1);
    ready(host, host->address.port);

    long received = 0, wrong = 0, last = -1;
    int64_t next = 0;
    double heard = now_seconds();
    ENetEvent event;
    for (;;) {
        int found = enet_host_service(host, &event, phase < STOPPING ? 100 : 20);
        for (; found > 0; found = enet_host_check_events(host, &event)) {
            if (event.type != ENET_EVENT_TYPE_RECEIVE)
                continue;
            int64_t number;
            memcpy(&number, event.packet->data, sizeof number);
            if (event.packet->dataLength != size || (reliable ? number != next : ordered && number < next))
                wrong++;
            next = number + 1;
            messages = ++received;
            enet_packet_destroy(event.packet);
        }
        if (received != last || phase < STOPPING) {
            last = received;
            heard = now_seconds();
        }
        if (phase >= STOPPING && (received >= expected || now_seconds() - heard > (reliable ? 3 : 0.15)))
            break;
    }
    done("{\"received\":%ld,\"wrong\":%ld}", received, wrong);
    linger(host);
}
