/* One message at a time; both ends wait in the library's own wait, which sleeps in the kernel. */
#include "end.h"
#include <stdio.h>

void rtt_client(void)
{
    int port = (int)int_setting("port", 0);
    size_t size = (size_t)int_setting("size", 32);
    long hertz = int_setting("hertz", 0);
    double period = hertz ? 1.0 / hertz : 0;
    ENetHost *host = connect_all(port, 1);
    ready(host, port);

    unsigned char payload[65536] = {0};
    double due = now_seconds();
    long trips = 0;
    while (running()) {
        ENetEvent event;
        bool away = true;
        double left = now_seconds();
        enet_peer_send(&host->peers[0], 0, enet_packet_create(payload, size, ENET_PACKET_FLAG_RELIABLE));
        enet_host_flush(host);

        /* Paced from the end of the warm-up on, as the managed ends are. */
        due = phase == WARMING ? left : due + period;
        while (away || now_seconds() < due) {
            double rest = due - now_seconds();
            enet_uint32 wait = away ? 100 : rest > 0.0005 ? 1 : 0;
            if (!away && wait == 0)
                break;
            if (enet_host_service(host, &event, wait) > 0 && event.type == ENET_EVENT_TYPE_RECEIVE) {
                if (phase == COUNTING)
                    record((now_seconds() - left) * 1e9);
                enet_packet_destroy(event.packet);
                messages = ++trips;
                away = false;
            }
            if (!running())
                break;
        }
        /* What follows a late answer must not be a burst. */
        if (due < now_seconds())
            due = now_seconds();
    }
    if (recorded() == 0)
        done("{\"samples\":0}");
    else
        done("{\"samples\":%zu,\"p50_us\":%.3f,\"p99_us\":%.3f,\"p999_us\":%.3f,\"max_us\":%.3f}", recorded(), percentile_us(0.5), percentile_us(0.99), percentile_us(0.999), percentile_us(1));
    linger(host);
}
