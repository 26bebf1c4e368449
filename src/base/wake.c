#include "syndicated/base/wake.h"

#include <errno.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

enum { AGAIN_NS = 1000000 };

void wake_up(int event_fd)
{
	uint64_t one = 1;

	/* EAGAIN means that the counter is full, and so that the loop is about to wake anyway. */
	while (write(event_fd, &one, sizeof(one)) < 0 && errno != EAGAIN) {
		if (errno != EINTR)
			(void)nanosleep(&(struct timespec){.tv_nsec = AGAIN_NS}, NULL);
	}
}
