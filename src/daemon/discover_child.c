#include "discover_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/frame.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "wire.h"
#include "worker.h"

enum {
	ANSWER = 3, /* u32 1 when there is a list, str message or NULL, u32 n, and for each: str url, str title, str type, str how */
	MAX_ANSWER_BYTES = 2 << 20, /* LIMIT_ITEM_LIST addresses, and what is around them */
};

/* ---- the child ---- */

static void answer(const struct ingest_request *request, struct buf *out)
{
	struct found_feed *feeds = NULL;
	struct err message = { 0 };
	size_t n = 0;
	int rc = discover_run(request, &feeds, &n, &message);

	pack_u32(out, rc == 0);
	wire_pack_text(out, rc == 0 ? NULL : message.message);
	pack_u32(out, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		wire_pack_text(out, feeds[i].url);
		wire_pack_text(out, feeds[i].title);
		wire_pack_text(out, feeds[i].type);
		pack_str(out, feeds[i].how);
	}
	found_feeds_free(feeds, n);
}

static int serve(int fd)
{
	struct buf in = BUF_INIT(LIMIT_WORKER_FRAME_BYTES), out = BUF_INIT(MAX_ANSWER_BYTES);
	struct ingest_request request = { 0 };
	struct unpack u;
	uint32_t type;
	auto_free char *url = NULL, *content_type = NULL, *content_encoding = NULL;
	int rc = frame_read(fd, LIMIT_WORKER_FRAME_BYTES, &type, &in);

	if (rc < 0 || type != WIRE_JOB)
		return 1;
	u = (struct unpack){ .p = in.bytes, .len = in.len };
	request.url = url = unpack_str(&u);
	request.content_type = content_type = unpack_str(&u);
	request.content_encoding = content_encoding = unpack_str(&u);
	request.max_bytes = unpack_u32(&u);
	request.story_since_ms = unpack_i64(&u);
	request.bytes = unpack_bytes(&u, &request.len);
	if (!unpack_finished(&u))
		return 1;
	answer(&request, &out);
	rc = buf_error(&out) ? ERR_TOO_BIG : frame_write(fd, ANSWER, out.bytes, out.len);
	buf_done(&in);
	buf_done(&out);
	return rc < 0;
}

static _Noreturn void be_child(int fd)
{
	struct err err = { 0 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(1);
	if (worker_enter_box(fd, "discover", &err) < 0) {
		(void)!write(STDERR_FILENO, err.message, strlen(err.message));
		(void)!write(STDERR_FILENO, "\n", 1);
		_exit(1);
	}
	_exit(serve(fd));
}

/* ---- the parent ---- */

int discover_child_start(struct discover_child *c, struct err *err)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_set(err, ERR_IO, "cannot start the process that reads the page: %s", strerror(errno));
	c->pid = fork();
	if (c->pid == 0)
		be_child(pair[1]);
	(void)close(pair[1]);
	c->fd = pair[0];
	if (c->pid < 0) {
		(void)close(c->fd);
		c->pid = 0;
		return err_set(err, ERR_IO, "cannot start the process that reads the page: %s", strerror(errno));
	}
	return 0;
}

void discover_child_end(struct discover_child *c)
{
	if (c->pid <= 0)
		return;
	(void)close(c->fd);
	(void)kill(c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
}

/* One whole frame in `in`, before the time is over. */
static int receive(int fd, struct buf *in, const char **ret_payload, size_t *ret_len, struct err *err)
{
	int64_t end_ms = clock_mono_ms(&clock_system) + LIMIT_WORKER_JOB_MS;
	uint32_t type;
	size_t used;
	int rc;

	while ((rc = frame_peek(buf_str(in), in->len, MAX_ANSWER_BYTES, &type, ret_payload, ret_len, &used)) == 0) {
		int64_t left_ms = end_ms - clock_mono_ms(&clock_system);
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		char *room = buf_reserve(in, 64 << 10);
		ssize_t n;

		if (left_ms <= 0)
			return err_set(err, ERR_TIMEOUT, "reading the page took longer than %d s and was given up", LIMIT_WORKER_JOB_MS / 1000);
		if (!room)
			break;
		if (poll(&wait, 1, (int)left_ms) <= 0)
			continue;
		n = recv(fd, room, 64 << 10, 0);
		if (n == 0 || (n < 0 && errno != EINTR))
			return err_set(err, ERR_CLOSED, "the process that reads the page ended over it");
		if (n > 0)
			buf_grew(in, (size_t)n);
	}
	return rc == 1 && type == ANSWER ? 0 : err_set(err, ERR_CORRUPT, "the process that reads the page answered with something else");
}

/* Nothing that the child says is believed: it has read foreign bytes. */
static int take_answer(const char *payload, size_t len, struct found_feed **ret, size_t *ret_n, struct err *err)
{
	struct unpack u = { .p = payload, .len = len };
	bool found = unpack_u32(&u) == 1;
	auto_free char *message = unpack_str(&u);
	size_t n = unpack_u32(&u);
	struct found_feed *feeds = NULL;
	bool whole = n <= LIMIT_ITEM_LIST;

	feeds = whole && n ? mem_new_array(struct found_feed, n) : NULL;
	for (size_t i = 0; whole && i < n; i++) {
		auto_free char *how = NULL;

		feeds[i].url = unpack_str(&u);
		feeds[i].title = unpack_str(&u);
		feeds[i].type = unpack_str(&u);
		how = unpack_str(&u);
		feeds[i].how = found_how(how);
		whole = feeds[i].url && feeds[i].how;
	}
	if (!whole || !unpack_finished(&u) || !found) {
		found_feeds_free(feeds, feeds ? n : 0);
		if (whole && unpack_finished(&u))
			return err_set(err, ERR_INVALID, "%s", message ? message : "this is no page");
		return err_set(err, ERR_CORRUPT, "the process that reads the page answered with something else");
	}
	*ret = feeds;
	*ret_n = n;
	return 0;
}

int discover_child_ask(struct discover_child *c, const struct ingest_request *request, struct found_feed **ret, size_t *ret_n, struct err *err)
{
	struct buf job = BUF_INIT(LIMIT_WORKER_FRAME_BYTES), in = BUF_INIT(MAX_ANSWER_BYTES + FRAME_HEADER_BYTES + (64u << 10));
	const char *payload;
	size_t len;
	int rc;

	wire_pack_job(&job, request);
	if (buf_error(&job) || frame_write(c->fd, WIRE_JOB, job.bytes, job.len) < 0)
		rc = err_set(err, ERR_CLOSED, "the process that reads the page cannot be given it");
	else
		rc = receive(c->fd, &in, &payload, &len, err);
	if (rc == 0)
		rc = take_answer(payload, len, ret, ret_n, err);
	buf_done(&job);
	buf_done(&in);
	return rc;
}
