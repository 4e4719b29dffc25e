/* Hosts as a careful user of ENet makes them. */
#include "end.h"
#include <stdio.h>
#include <string.h>

/* The library asks for 256 KiB; what a flood overflows there it would have to send again. */
#define SOCKET_BUFFER (4 * 1024 * 1024)

enet_uint32 mode_flags(const char *mode)
{
    if (strcmp(mode, "reliable") == 0)
        return ENET_PACKET_FLAG_RELIABLE;
    return strcmp(mode, "ordered") == 0 ? 0 : ENET_PACKET_FLAG_UNSEQUENCED;
}

static ENetHost *create(const ENetAddress *address, size_t peers)
{
    ENetHost *host = enet_host_create(address, peers, CHANNELS, 0, 0);
    if (!host)
        fail("enet_host_create");
    enet_socket_set_option(host->socket, ENET_SOCKOPT_RCVBUF, SOCKET_BUFFER);
    enet_socket_set_option(host->socket, ENET_SOCKOPT_SNDBUF, SOCKET_BUFFER);
    return host;
}

ENetHost *listen_for(size_t clients)
{
    ENetAddress address = {.port = 0};
    enet_address_set_host_ip(&address, "127.0.0.1");
    ENetHost *host = create(&address, clients + 1);

    /* All of them come from one address. */
    host->duplicatePeers = clients + 1;
    return host;
}

void connect_more(ENetHost *host, int port, size_t clients)
{
    ENetAddress address = {.port = (enet_uint16)port};
    enet_address_set_host_ip(&address, "127.0.0.1");
    double began = now_seconds();
    size_t asked = 0, in = 0;
    ENetEvent event;
    while (in < clients) {
        for (; asked < clients && asked < in + 64; asked++) {
            ENetPeer *peer = enet_host_connect(host, &address, CHANNELS, (enet_uint32)asked + 2);
            if (!peer)
                fail("enet_host_connect");
        }
        while (enet_host_service(host, &event, 1) > 0) {
            if (event.type == ENET_EVENT_TYPE_CONNECT)
                in++;
            else if (event.type == ENET_EVENT_TYPE_DISCONNECT)
                fail("a client was not let in");
            else if (event.type == ENET_EVENT_TYPE_RECEIVE)
                enet_packet_destroy(event.packet);
        }
        if (now_seconds() - began > 30)
            fail("not all clients came in");
    }
}

ENetHost *connect_all(int port, size_t clients)
{
    ENetHost *host = create(NULL, clients);
    connect_more(host, port, clients);
    return host;
}

void linger(ENetHost *host)
{
    ENetEvent event;
    for (;;) {
        while (enet_host_service(host, &event, 100) > 0) {
            if (event.type == ENET_EVENT_TYPE_RECEIVE)
                enet_packet_destroy(event.packet);
        }
    }
}
