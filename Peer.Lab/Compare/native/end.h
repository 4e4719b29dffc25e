/* One end of a workload, played with ENet. The judge speaks to it as EndProcess.cs describes. */
#ifndef END_H
#define END_H

#include <enet/enet.h>
#include <stdbool.h>
#include <stdint.h>

#define CHANNELS 4

typedef enum { WAITING, WARMING, COUNTING, COUNTED, STOPPING, QUITTING } Phase;

/* Written by the thread that reads the judge's words, looked at by the work. */
extern volatile Phase phase;

/* What this end has counted; in the marks. */
extern volatile long messages;

/* How many messages the other end has sent in all, once that is known. */
extern volatile long expected;

/* What else goes into the marks, such as ",\"rss\":1": written on the thread that reads. */
extern void (*extra_figures)(char *text, size_t size);

static inline bool running(void) { return phase == WARMING || phase == COUNTING; }

/* key=value of the command line. */
const char *text_setting(const char *key, const char *otherwise);
long int_setting(const char *key, long otherwise);

double now_seconds(void);

/* Ends the process with a reason for the judge. */
void fail(const char *why);

/* Says "ready" and serves the host until "go": a server has clients to let in before anything begins. */
void ready(ENetHost *host, int port);

/* Says "done" with a JSON object. */
void done(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Flags of a packet for mode=reliable, ordered or unreliable. */
enet_uint32 mode_flags(const char *mode);

ENetHost *listen_for(size_t clients);

/* A host with that many peers, all of them connected to the server; peer i is &host->peers[i] and has data == i. */
ENetHost *connect_all(int port, size_t clients);
void connect_more(ENetHost *host, int port, size_t clients);

/* Serves until the judge says quit. */
void linger(ENetHost *host);

/* Nanoseconds, for the percentiles of "done". */
void record(double nanoseconds);
size_t recorded(void);
double percentile_us(double share);

void oneway_server(void);
void oneway_client(void);
void echo_server(void);
void echo_client(void);
void rtt_client(void);
void fanout_server(void);
void fanout_client(void);
void idle_server(void);
void idle_client(void);
void connect_client(void);
void transfer_server(void);
void transfer_client(void);
void stream_server(void);
void stream_client(void);

#endif
