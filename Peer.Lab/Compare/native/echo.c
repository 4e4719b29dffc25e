/* What comes goes back. */
#include "end.h"

static void send_back(ENetEvent *event)
{
    ENetPacket *packet = enet_packet_create(event->packet->data, event->packet->dataLength, ENET_PACKET_FLAG_RELIABLE);
    if (enet_peer_send(event->peer, event->channelID, packet) != 0)
        fail("enet_peer_send");
    enet_packet_destroy(event->packet);
}

void echo_server(void)
{
    ENetHost *host = listen_for((size_t)int_setting("clients", 1));
    ready(host, host->address.port);
    ENetEvent event;
    while (phase < STOPPING) {
        int found = enet_host_service(host, &event, 100);
        for (; found > 0; found = enet_host_check_events(host, &event)) {
            if (event.type == ENET_EVENT_TYPE_RECEIVE)
                send_back(&event);
        }
        enet_host_flush(host);
    }
    done("{\"lost\":0}");
    linger(host);
}

/* One host with a peer for each client: one socket and one loop for all of them, which is the best that this library can do. */
void echo_client(void)
{
    int port = (int)int_setting("port", 0);
    size_t size = (size_t)int_setting("size", 32);
    ENetHost *host = connect_all(port, (size_t)int_setting("clients", 1));
    ready(host, port);

    unsigned char payload[65536] = {0};
    for (size_t i = 0; i < host->peerCount; i++) {
        for (long k = int_setting("flight", 1); k > 0; k--)
            enet_peer_send(&host->peers[i], 0, enet_packet_create(payload, size, ENET_PACKET_FLAG_RELIABLE));
    }
    long trips = 0;
    ENetEvent event;
    while (running()) {
        int found = enet_host_service(host, &event, 100);
        for (; found > 0; found = enet_host_check_events(host, &event)) {
            if (event.type != ENET_EVENT_TYPE_RECEIVE)
                continue;
            send_back(&event);
            messages = ++trips;
        }
        enet_host_flush(host);
    }
    done("{\"lost\":0}");
    linger(host);
}
