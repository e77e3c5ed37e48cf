/* NVIDIA's management library for GPUs that do not exist. The test says through `fake_…` how many there are. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SUCCESS = 0, NOT_SUPPORTED = 3, NOT_FOUND = 6, UNKNOWN = 999, PARTS_MAX = 7 };

volatile int fake_gpus, fake_parts, fake_busy, fake_error, fake_hangs;

typedef struct { int index, part; } device;
static device devices[16], parts[16][PARTS_MAX];
typedef struct { unsigned gpu, memory; } utilisation;

int nvmlInitWithFlags(unsigned flags) { (void)flags; return fake_error; }
int nvmlShutdown(void) { return SUCCESS; }
const char *nvmlErrorString(int error) { return error == UNKNOWN ? "GPU is lost" : "not so"; }

int nvmlDeviceGetCount_v2(unsigned *count) {
    while (fake_hangs) usleep(1000);
    *count = fake_gpus;
    return fake_error;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, device **found) {
    *found = &devices[index];
    **found = (device){index, -1};
    return fake_error;
}

int nvmlDeviceGetUUID(device *one, char *uuid, unsigned length) {
    if (one->part < 0) snprintf(uuid, length, "GPU-%d", one->index);
    else snprintf(uuid, length, "MIG-%d-%d", one->index, one->part);
    return fake_error;
}

/* The device files are numbered the other way round than the GPUs, as they may be. */
int nvmlDeviceGetMinorNumber(device *one, unsigned *minor) {
    *minor = fake_gpus - 1 - one->index;
    return fake_error;
}

int nvmlDeviceGetUtilizationRates(device *one, utilisation *busy) {
    (void)one;
    *busy = (utilisation){fake_busy, 0};
    return fake_parts ? NOT_SUPPORTED : SUCCESS;
}

/* Only the last GPU can be parted; the others do not know what that is. */
int nvmlDeviceGetMigMode(device *one, unsigned *current, unsigned *pending) {
    if (one->index != fake_gpus - 1) return NOT_SUPPORTED;
    *current = *pending = fake_parts > 0;
    return SUCCESS;
}

int nvmlDeviceGetMaxMigDeviceCount(device *one, unsigned *count) { (void)one; *count = PARTS_MAX; return SUCCESS; }

int nvmlDeviceGetMigDeviceHandleByIndex(device *one, unsigned index, device **found) {
    if ((int)index >= fake_parts) return NOT_FOUND;
    *found = &parts[one->index][index];
    **found = (device){one->index, index};
    return SUCCESS;
}
