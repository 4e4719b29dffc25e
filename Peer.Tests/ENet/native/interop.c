/* One end of a conversation that libenet leads with the library under test. It says in lines on its standard output what happens to it.
 *
 *   interop server <channels> <checksum> <compress> <clients>   prints "port <n>", echoes every packet on its channel with its flags, obeys "!..." packets
 *   interop client <port> <channels> <checksum> <compress> <data> <count> <size> <flags> <flight> <farewell>
 *       sends <count> packets of <size> bytes (-1: of many sizes, -2: none of them empty), at most <flight> unanswered, and compares what comes back byte by byte
 */
#include <enet/enet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ENetHost *host;

static void setup(int checksum, int compress)
{
    if (checksum)
        host->checksum = enet_crc32;
    if (compress)
        enet_host_compress_with_range_coder(host);
}

static unsigned flags_of(const char *name)
{
    if (!strcmp(name, "reliable")) return ENET_PACKET_FLAG_RELIABLE;
    if (!strcmp(name, "unreliable")) return 0;
    if (!strcmp(name, "unsequenced")) return ENET_PACKET_FLAG_UNSEQUENCED;
    if (!strcmp(name, "fragments")) return ENET_PACKET_FLAG_UNRELIABLE_FRAGMENT;
    return ENET_PACKET_FLAG_UNSEQUENCED | ENET_PACKET_FLAG_UNRELIABLE_FRAGMENT;
}

/* The same content at both ends: it follows from the packet's number alone. */
static size_t size_of(long number, long size)
{
    static const long many[] = {0, 1, 2, 7, 31, 100, 500, 1300, 1364, 1365, 1400, 3000, 9000, 40000};
    /* Without the empty one for -2: libenet's compressor follows the null pointer of an empty packet. */
    return (size_t)(size >= 0 ? size : size == -2 ? many[1 + number % 13] : many[number % 14]);
}

static unsigned char byte_at(long number, size_t at)
{
    unsigned long x = (unsigned long)number * 2654435761ul + (at >> 2) * 40503ul;
    return (unsigned char)(at < 4 ? number >> (8 * at) : x >> 7);
}

static int is_same(const ENetPacket *packet, long number, long size)
{
    if (packet->dataLength != size_of(number, size)) return 0;
    for (size_t i = 0; i < packet->dataLength; i++)
        if (packet->data[i] != byte_at(number, i)) return 0;
    return 1;
}

static int server(char **argv)
{
    ENetAddress address = {.port = 0};
    enet_address_set_host_ip(&address, "127.0.0.1");
    host = enet_host_create(&address, (size_t)atoi(argv[5]), (size_t)atoi(argv[2]), 0, 0);
    if (!host) return 1;
    setup(atoi(argv[3]), atoi(argv[4]));
    printf("port %d\n", host->address.port);
    fflush(stdout);
    ENetEvent event;
    for (;;) {
        if (enet_host_service(host, &event, 20) <= 0) {
            continue;
        }
        switch (event.type) {
        case ENET_EVENT_TYPE_CONNECT:
            enet_peer_timeout(event.peer, 1 << 20, 60000, 120000);
            printf("connect %u %u\n", event.data, (unsigned)event.peer->channelCount);
            break;
        case ENET_EVENT_TYPE_DISCONNECT:
            printf("disconnect %u\n", event.data);
            break;
        case ENET_EVENT_TYPE_RECEIVE: {
            const char *said = (const char *)event.packet->data;
            size_t length = event.packet->dataLength;
            if (length == 6 && !memcmp(said, "!close", 6)) enet_peer_disconnect(event.peer, 11);
            else if (length == 4 && !memcmp(said, "!now", 4)) enet_peer_disconnect_now(event.peer, 12);
            else if (length == 6 && !memcmp(said, "!later", 6)) {
                for (int i = 0; i < 200; i++)
                    enet_peer_send(event.peer, 0, enet_packet_create("later and later", 15, ENET_PACKET_FLAG_RELIABLE));
                enet_peer_disconnect_later(event.peer, 13);
            } else if (length == 6 && !memcmp(said, "!reset", 6)) enet_peer_reset(event.peer);
            else if (length == 5 && !memcmp(said, "!exit", 5)) return 0;
            else enet_peer_send(event.peer, event.channelID, enet_packet_create(event.packet->data, length, event.packet->flags));
            enet_packet_destroy(event.packet);
            enet_host_flush(host);
            break;
        }
        default:
            break;
        }
        fflush(stdout);
    }
}

static int client(char **argv)
{
    int channels = atoi(argv[3]);
    long count = atol(argv[7]), size = atol(argv[8]), flight = atol(argv[10]);
    unsigned flags = flags_of(argv[9]);
    int reliable = flags == ENET_PACKET_FLAG_RELIABLE;
    ENetAddress address = {.port = (enet_uint16)atoi(argv[2])};
    enet_address_set_host_ip(&address, "127.0.0.1");
    host = enet_host_create(NULL, 1, (size_t)channels, 0, 0);
    if (!host) return 1;
    setup(atoi(argv[4]), atoi(argv[5]));
    ENetPeer *peer = enet_host_connect(host, &address, (size_t)channels, (enet_uint32)strtoul(argv[6], NULL, 10));
    /* A third of the datagrams may be lost: its usual patience ends too soon for that. */
    enet_peer_timeout(peer, 1 << 20, 60000, 120000);
    ENetEvent event;
    long sent = 0, received = 0, bad = 0, quiet = 0, *next = calloc(256, sizeof(long));
    int connected = 0;
    for (;;) {
        int got = enet_host_service(host, &event, 5);
        if (got > 0 && event.type == ENET_EVENT_TYPE_CONNECT) {
            connected = 1;
            channels = (int)peer->channelCount;
            for (int c = 0; c < channels; c++) next[c] = c;
        } else if (got > 0 && event.type == ENET_EVENT_TYPE_DISCONNECT) {
            printf("disconnect %u\n", event.data);
            break;
        } else if (got > 0 && event.type == ENET_EVENT_TYPE_RECEIVE) {
            quiet = 0;
            received++;
            if (reliable) {
                bad += !is_same(event.packet, next[event.channelID], size);
                next[event.channelID] += channels;
            } else {
                long number = -1;
                if (event.packet->dataLength >= 4)
                    number = event.packet->data[0] | event.packet->data[1] << 8 | event.packet->data[2] << 16 | (long)event.packet->data[3] << 24;
                bad += number >= 0 && (number >= sent || !is_same(event.packet, number, size));
            }
            enet_packet_destroy(event.packet);
        } else if (got == 0) {
            quiet++;
        }
        if (!connected) continue;
        for (int burst = 0; sent < count && burst < 64 && (sent - received < flight || (!reliable && quiet > 2)); burst++, sent++) {
            ENetPacket *packet = enet_packet_create(NULL, size_of(sent, size), flags);
            for (size_t i = 0; i < packet->dataLength; i++) packet->data[i] = byte_at(sent, i);
            if (enet_peer_send(peer, (enet_uint8)(sent % channels), packet) < 0) bad++;
            if (burst == 63) quiet = 0;
        }
        /* Whoever has answered next to nothing yet may only be slow. */
        if (sent == count && (received == count || (!reliable && quiet > (received < count / 20 ? 2000 : 40)))) {
            printf("done %ld %ld %ld\n", sent, received, bad);
            fflush(stdout);
            if (!strcmp(argv[11], "close")) enet_peer_disconnect(peer, 21);
            else if (!strcmp(argv[11], "now")) { enet_peer_disconnect_now(peer, 22); break; }
            else if (!strcmp(argv[11], "later")) enet_peer_disconnect_later(peer, 23);
            else { enet_peer_reset(peer); break; }
            count = -1;
        }
    }
    fflush(stdout);
    enet_host_destroy(host);
    return 0;
}

int main(int argc, char **argv)
{
    if (enet_initialize() != 0) return 1;
    if (argc >= 6 && !strcmp(argv[1], "server")) return server(argv);
    if (argc >= 12 && !strcmp(argv[1], "client")) return client(argv);
    return 2;
}
