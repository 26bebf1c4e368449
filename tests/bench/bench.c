#include "bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t origin;

static double micros(struct timeval t)
{
	return (double)t.tv_sec * 1e6 + (double)t.tv_usec;
}

double bench_cpu_us(void)
{
	struct rusage r;

	(void)getrusage(RUSAGE_SELF, &r);
	return micros(r.ru_utime) + micros(r.ru_stime);
}

double bench_wall_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

void bench_print(const char *name, double value, const char *unit, double reference)
{
	if (reference > 0)
		(void)printf("{\"bench\": \"%s\", \"value\": %.2f, \"unit\": \"%s\", \"reference\": %.2f, \"ratio\": %.3f}\n", name, value, unit,
		             reference, value / reference);
	else
		(void)printf("{\"bench\": \"%s\", \"value\": %.2f, \"unit\": \"%s\"}\n", name, value, unit);
	(void)fflush(stdout);
}

static void serve_one(int fd)
{
	static const char not_modified[] = "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nConnection: close\r\n\r\n";
	static const char feed[] = "<rss version=\"2.0\"><channel><title>B</title><item><guid>1</guid><title>One</title></item></channel></rss>";
	char request[4096], reply[1024];
	ssize_t n = 0, got;

	while ((got = read(fd, request + n, sizeof(request) - 1 - (size_t)n)) > 0) {
		n += got;
		request[n] = '\0';
		if (strstr(request, "\r\n\r\n") || (size_t)n == sizeof(request) - 1)
			break;
	}
	if (strstr(request, "If-None-Match:")) {
		(void)!write(fd, not_modified, sizeof(not_modified) - 1);
		return;
	}
	(void)snprintf(reply, sizeof(reply), "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Type: application/rss+xml\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
	               sizeof(feed) - 1, feed);
	(void)!write(fd, reply, strlen(reply));
}

static void run_origin(int listener, volatile uint64_t *count)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			continue;
		serve_one(fd);
		(void)close(fd);
		__atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST);
	}
}

int bench_origin_start(volatile uint64_t **ret_count)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	volatile uint64_t *count = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 || listen(fd, 1024) != 0 || getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		exit(EXIT_FAILURE);
	origin = fork();
	if (origin == 0)
		run_origin(fd, count);
	(void)close(fd);
	*ret_count = count;
	return ntohs(a.sin_port);
}

void bench_origin_stop(void)
{
	if (origin > 0) {
		(void)kill(origin, SIGKILL);
		(void)waitpid(origin, NULL, 0);
	}
	origin = 0;
}
