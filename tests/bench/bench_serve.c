/*
 * Conditional GETs answered 304 and whole 200 kB documents, served by serve/ on our loop to a client in another process
 * over 16 kept connections; beside libmicrohttpd alone with one prepared response in the same run (performance.md
 * section 4). CPU of the serving process a request, and requests a second.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "syndicated/base/mem.h"
#include "syndicated/net/server.h"
#include "syndicated/serve.h"

enum { CONNECTIONS = 16, MILLISECONDS = 1500, BIG = 200000 };

static volatile uint64_t *answered;

/* ---- the client: each connection sends, reads the whole answer, sends again ---- */

struct peer {
	int fd;
	size_t left; /* of the answer's body; SIZE_MAX while its head is read */
	char head[2048];
	size_t head_len;
};

static void ask(struct peer *p, const char *request)
{
	p->left = SIZE_MAX;
	p->head_len = 0;
	if (write(p->fd, request, strlen(request)) < 0)
		_exit(1);
}

static void take(struct peer *p, const char *request)
{
	static char scratch[1 << 18];
	ssize_t n = read(p->fd, scratch, sizeof(scratch));
	char *end;
	size_t used = 0;

	if (n <= 0)
		_exit(1);
	if (p->left == SIZE_MAX) {
		size_t room = sizeof(p->head) - 1 - p->head_len, copy = (size_t)n < room ? (size_t)n : room;
		const char *length;

		memcpy(p->head + p->head_len, scratch, copy);
		p->head_len += copy;
		p->head[p->head_len] = '\0';
		end = strstr(p->head, "\r\n\r\n");
		if (!end)
			return;
		length = strstr(p->head, "Content-Length: ");
		p->left = length && length < end && !strstr(p->head, " 304 ") ? strtoul(length + 16, NULL, 10) : 0;
		used = copy - (p->head_len - (size_t)(end + 4 - p->head));
	}
	p->left -= (size_t)n - used < p->left ? (size_t)n - used : p->left;
	if (p->left == 0) {
		__atomic_add_fetch(answered, 1, __ATOMIC_RELAXED);
		ask(p, request);
	}
}

static void run_client(int port, const char *request)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct peer peers[CONNECTIONS] = {0};
	struct pollfd fds[CONNECTIONS];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (int i = 0; i < CONNECTIONS; i++) {
		peers[i].fd = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(peers[i].fd, (struct sockaddr *)&a, sizeof(a)) != 0)
			_exit(1);
		fds[i] = (struct pollfd){.fd = peers[i].fd, .events = POLLIN};
		ask(&peers[i], request);
	}
	for (;;) {
		(void)poll(fds, CONNECTIONS, -1);
		for (int i = 0; i < CONNECTIONS; i++)
			if (fds[i].revents)
				take(&peers[i], request);
	}
}

static pid_t start_client(int port, const char *request)
{
	pid_t pid = fork();

	if (pid == 0)
		run_client(port, request);
	return pid;
}

struct figures {
	double cpu_us;
	double per_second;
};

static void stop_client(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

/* ---- ours ---- */

static void enough(void *ctx)
{
	loop_stop(ctx);
}

static struct figures measure_ours(struct loop *loop, int port, const char *request)
{
	struct loop_timer *timer = loop_timer_new(loop, enough, loop);
	pid_t client = start_client(port, request);
	struct figures f;
	uint64_t before;

	loop_timer_set(timer, 200);
	loop_run(loop);
	before = *answered;
	f.cpu_us = bench_cpu_us();
	f.per_second = bench_wall_us();
	loop_timer_set(timer, MILLISECONDS);
	loop_run(loop);
	f.cpu_us = (bench_cpu_us() - f.cpu_us) / (double)(*answered - before);
	f.per_second = (double)(*answered - before) / (bench_wall_us() - f.per_second) * 1e6;
	stop_client(client);
	loop_timer_free(timer);
	return f;
}

/* ---- libmicrohttpd alone ---- */

static struct MHD_Response *response;
static unsigned response_status;

static enum MHD_Result answer(void *cls, struct MHD_Connection *c, const char *url, const char *method, const char *version, const char *data,
                              size_t *len, void **con)
{
	static int seen;

	(void)cls, (void)url, (void)method, (void)version, (void)data, (void)len;
	if (!*con) {
		*con = &seen;
		return MHD_YES;
	}
	return MHD_queue_response(c, response_status, response);
}

static struct figures measure_bare(int fd, int port, const char *request, unsigned status, char *body, size_t len)
{
	struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer, NULL, MHD_OPTION_LISTEN_SOCKET,
	                                        fd, MHD_OPTION_END);
	struct figures f;
	pid_t client;
	uint64_t before;

	response = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_PERSISTENT);
	(void)MHD_add_response_header(response, "ETag", "\"1\"");
	response_status = status;
	client = start_client(port, request);
	(void)usleep(200000);
	before = *answered;
	f.cpu_us = bench_cpu_us();
	f.per_second = bench_wall_us();
	(void)usleep(MILLISECONDS * 1000);
	f.cpu_us = (bench_cpu_us() - f.cpu_us) / (double)(*answered - before);
	f.per_second = (double)(*answered - before) / (bench_wall_us() - f.per_second) * 1e6;
	stop_client(client);
	MHD_stop_daemon(d);
	MHD_destroy_response(response);
	return f;
}

static int listen_somewhere(int *ret_port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (bind(fd, (struct sockaddr *)&a, len) != 0 || listen(fd, 512) != 0 || getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		exit(EXIT_FAILURE);
	*ret_port = ntohs(a.sin_port);
	return fd;
}

int main(void)
{
	static const char conditional[] = "GET /feed.atom HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"1\"\r\n\r\n";
	static const char whole[] = "GET /feed.atom HTTP/1.1\r\nHost: x\r\n\r\n";
	static char body[BIG];
	const struct serve_document document = {.content_type = "application/atom+xml", .bytes = body, .len = BIG, .etag = "\"1\""};
	struct err err = {0};
	struct loop *loop = loop_new(&err);
	struct serve *serve = serve_new(loop);
	struct figures ours, bare;
	int port, fd = listen_somewhere(&port);

	answered = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(body, 'x', sizeof(body));
	if (serve_listen_fd(serve, fd, &err) < 0)
		return EXIT_FAILURE;
	serve_set(serve, "/feed.atom", &document);

	ours = measure_ours(loop, port, conditional);
	fd = listen_somewhere(&port);
	bare = measure_bare(fd, port, conditional, 304, body, 0);
	bench_print("serve_304", ours.cpu_us, "us CPU a 304 (reference: libmicrohttpd alone)", bare.cpu_us);
	bench_print("serve_304_per_second", ours.per_second, "requests/s", bare.per_second);
	serve_free(serve);

	serve = serve_new(loop);
	fd = listen_somewhere(&port);
	if (serve_listen_fd(serve, fd, &err) < 0)
		return EXIT_FAILURE;
	serve_set(serve, "/feed.atom", &document);
	ours = measure_ours(loop, port, whole);
	fd = listen_somewhere(&port);
	bare = measure_bare(fd, port, whole, 200, body, BIG);
	bench_print("serve_200kB", ours.cpu_us, "us CPU a 200 of 200 kB (reference: libmicrohttpd alone)", bare.cpu_us);
	bench_print("serve_200kB_per_second", ours.per_second, "requests/s", bare.per_second);
	serve_free(serve);
	loop_free(loop);
	return EXIT_SUCCESS;
}
