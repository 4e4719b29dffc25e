/* One server, thirty times a second, the same to everybody. */
#include "end.h"

static void serve_until(ENetHost *host, double due)
{
    ENetEvent event;
    for (;;) {
        double left = due - now_seconds();
        if (left <= 0)
            return;
        while (enet_host_service(host, &event, (enet_uint32)(left * 1000)) > 0) {
            if (event.type == ENET_EVENT_TYPE_RECEIVE)
                enet_packet_destroy(event.packet);
            left = due - now_seconds();
            if (left < 0)
                left = 0;
        }
        if (left < 0.001)
            return;
    }
}

void fanout_server(void)
{
    size_t size = (size_t)int_setting("size", 200);
    enet_uint32 flags = mode_flags(text_setting("mode", "ordered"));
    double period = 1.0 / int_setting("hertz", 30);
    ENetHost *host = listen_for((size_t)int_setting("clients", 64));
    ready(host, host->address.port);

    unsigned char payload[65536] = {0};
    long broadcasts = 0;
    double due = now_seconds();
    while (phase < STOPPING) {
        if (running()) {
            enet_host_broadcast(host, 0, enet_packet_create(payload, size, flags));
            enet_host_flush(host);
            messages = ++broadcasts;
        }
        due += period;
        if (due < now_seconds())
            due = now_seconds();
        serve_until(host, due);
    }
    done("{\"broadcasts\":%ld}", broadcasts);
    linger(host);
}

/* Looks sixty times a second, as games do. */
void fanout_client(void)
{
    int port = (int)int_setting("port", 0);
    ENetHost *host = connect_all(port, (size_t)int_setting("clients", 64));
    ready(host, port);
    while (running()) {
        ENetEvent event;
        int found = enet_host_service(host, &event, 16);
        for (; found > 0; found = enet_host_check_events(host, &event)) {
            if (event.type == ENET_EVENT_TYPE_RECEIVE) {
                messages++;
                enet_packet_destroy(event.packet);
            }
        }
    }
    done("{\"received\":%ld}", messages);
    linger(host);
}
