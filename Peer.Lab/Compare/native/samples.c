/* Every round trip is kept and sorted at the end: exact, and nothing is done to it while it is measured. */
#include "end.h"
#include <stdlib.h>

#define MOST (8 * 1024 * 1024)

static double *samples;
static size_t count;

void record(double nanoseconds)
{
    if (!samples && !(samples = malloc(MOST * sizeof *samples)))
        fail("no memory");
    if (count < MOST)
        samples[count++] = nanoseconds;
}

size_t recorded(void) { return count; }

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double percentile_us(double share)
{
    static size_t sorted;
    if (sorted != count) {
        qsort(samples, count, sizeof *samples, compare);
        sorted = count;
    }
    size_t rank = (size_t)(share * count + 0.999999);
    return samples[rank == 0 ? 0 : rank > count ? count - 1 : rank - 1] / 1e3;
}
