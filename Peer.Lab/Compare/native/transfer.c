/* 10 MiB in messages of 16 KiB, from the first put until the application at the other end has all of it. Transfer.cs says what a message holds. */
#include "end.h"
#include <string.h>

#define SIZE (16 * 1024)
#define COUNT 640

void transfer_client(void)
{
    int relay = (int)int_setting("relay", 0);
    ENetHost *host = connect_all(relay, 1);
    ready(host, relay);
    static unsigned char payload[SIZE];
    ENetEvent event;
    while (phase == WARMING)
        enet_host_service(host, &event, 5);
    payload[0] = 1;
    double began = now_seconds();
    memcpy(payload + 8, &began, sizeof began);
    for (int32_t i = 0; i < COUNT; i++) {
        memcpy(payload + 4, &i, sizeof i);
        if (enet_peer_send(&host->peers[0], 0, enet_packet_create(payload, SIZE, ENET_PACKET_FLAG_RELIABLE)) != 0)
            fail("enet_peer_send");
        while (enet_host_service(host, &event, 0) > 0) {
            if (event.type == ENET_EVENT_TYPE_DISCONNECT)
                fail("disconnected");
        }
    }
    while (phase < STOPPING)
        enet_host_service(host, &event, 1);
    done("{}");
    linger(host);
}

void transfer_server(void)
{
    double limit = (double)int_setting("limit", 40), began = 0, ended = 0;
    ENetHost *host = listen_for(1);
    ready(host, host->address.port);
    int received = 0, wrong = 0;
    ENetEvent event;
    while (received < COUNT && phase < STOPPING && (began == 0 || now_seconds() - began < limit)) {
        int found = enet_host_service(host, &event, 10);
        for (; found > 0; found = enet_host_check_events(host, &event)) {
            if (event.type != ENET_EVENT_TYPE_RECEIVE)
                continue;
            int32_t number;
            memcpy(&number, event.packet->data + 4, sizeof number);
            memcpy(&began, event.packet->data + 8, sizeof began);
            if (event.packet->dataLength != SIZE || number != received)
                wrong++;
            received++;
            ended = now_seconds();
            enet_packet_destroy(event.packet);
        }
    }
    if (received < COUNT)
        ended = now_seconds();
    done("{\"seconds\":%.6f,\"bytes\":%.0f,\"complete\":%d,\"wrong\":%d}", ended - began, (double)received * SIZE, received == COUNT, wrong);
    linger(host);
}
