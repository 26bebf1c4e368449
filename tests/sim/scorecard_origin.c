/*
 * The origin of the scorecard: one process, one loop. Source n lives at /feed/n, publishes when the virtual clock says so,
 * and judges every request it gets by the columns of polling.md section 1.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "scorecard.h"

enum { MAX_CONNECTIONS = 256, REQUEST_BYTES = 4096, ITEMS = 10, VALIDATOR_BYTES = 64 };

struct validators {
	char etag[VALIDATOR_BYTES];
	char date[VALIDATOR_BYTES];
};

struct source {
	unsigned posts;
	int64_t next_post_ms;
	int64_t asked_ms;       /* the last request; 0: none */
	unsigned touched;       /* changes the ETag and nothing else */
	struct validators last; /* of the last whole, good answer */
	struct validators before;
	unsigned answers;
	unsigned epoch; /* of the last good answer: a kill after it may have lost it (T11) */
};

struct connection {
	int fd;
	size_t len;
	char request[REQUEST_BYTES];
};

static struct source *sources;
static struct connection connections[MAX_CONNECTIONS];
static struct scorecard *card;
static uint64_t random_state;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* ---- what a source publishes ---- */

/* From one post in ten days to one an hour. */
static int64_t mean_gap_ms(unsigned n)
{
	static const int64_t hours[] = {1, 3, 6, 24, 72, 240};

	return hours[n % (sizeof hours / sizeof hours[0])] * 3600000;
}

static void publish(struct source *s, unsigned n, int64_t now_ms)
{
	if (s->next_post_ms == 0)
		s->next_post_ms = now_ms - 20 * mean_gap_ms(n);
	while (s->next_post_ms <= now_ms) {
		s->posts++;
		s->next_post_ms += 1 + (int64_t)(next_random() % (uint64_t)(2 * mean_gap_ms(n)));
	}
	if (n % 7 == 3 && next_random() % 10 == 0)
		s->touched++;
}

static void http_date(int64_t ms, char out[VALIDATOR_BYTES])
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, VALIDATOR_BYTES, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* Two of three have an ETag, two of three a date. */
static struct validators validators_now(const struct source *s, unsigned n)
{
	struct validators v = {"", ""};

	if (n % 3 != 1)
		(void)snprintf(v.etag, sizeof v.etag, "%s\"%u-%u-%u\"", n % 2 ? "W/" : "", n, s->posts, s->touched);
	if (n % 3 != 0)
		http_date((int64_t)1700000000000 + (int64_t)(s->posts + s->touched) * 60000, v.date);
	return v;
}

/* ---- judging ---- */

static bool header(const char *request, const char *name, char out[VALIDATOR_BYTES])
{
	size_t n = strlen(name);

	for (const char *line = strstr(request, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
		const char *end;

		if (strncasecmp(line + 2, name, n) != 0 || line[2 + n] != ':')
			continue;
		line += 2 + n + 1;
		line += strspn(line, " ");
		end = strstr(line, "\r\n");
		(void)snprintf(out, VALIDATOR_BYTES, "%.*s", (int)(end ? end - line : 0), line);
		return true;
	}
	out[0] = '\0';
	return false;
}

/* One validator: sent when it was last received, byte for byte, and never otherwise. before: allowed after a kill. */
static void judge_one(const char *sent, const char *last, const char *before, bool excused, uint64_t *stale, uint64_t *bogus)
{
	if (strcmp(sent, last) == 0 || (excused && strcmp(sent, before) == 0))
		return;
	if (sent[0] && strcmp(sent, before) == 0)
		(*stale)++;
	else
		(*bogus)++;
}

static void judge(struct source *s, const char *request, int64_t now_ms)
{
	char etag[VALIDATOR_BYTES], date[VALIDATOR_BYTES], none[VALIDATOR_BYTES];
	bool has_etag = header(request, "If-None-Match", etag), has_date = header(request, "If-Modified-Since", date);
	bool excused = s->epoch != card->epoch;

	card->requests++;
	card->conditional += has_etag || has_date;
	if (s->answers > 0 && !has_etag && !has_date && !(excused && s->answers == 1))
		card->unconditional_again++;
	judge_one(etag, s->last.etag, s->before.etag, excused, &card->etag_stale, &card->etag_bogus);
	judge_one(date, s->last.date, s->before.date, excused, &card->date_stale, &card->date_bogus);
	card->cookies += header(request, "Cookie", none);
	card->referrers += header(request, "Referer", none);
	card->query_arguments += strchr(request, '?') != NULL && strchr(request, '?') < strstr(request, " HTTP/");
	card->bad_agents += !header(request, "User-Agent", none) || strncmp(none, "syndicated/", 11) != 0;
	if (s->asked_ms && now_ms - s->asked_ms < card->min_gap_ms)
		card->too_soon++;
	s->asked_ms = now_ms;
}

/* ---- answering ---- */

static size_t write_feed(const struct source *s, unsigned n, char *out, size_t size)
{
	int len = snprintf(out, size, "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Source %u</title>", n);

	for (unsigned i = s->posts; i > 0 && i + ITEMS > s->posts; i--)
		len += snprintf(out + len, size - (size_t)len, "<item><title>Post %u of %u</title><guid>%u-%u</guid></item>", i, n, n, i);
	len += snprintf(out + len, size - (size_t)len, "</channel></rss>");
	return (size_t)len;
}

static void send_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

static void send_error(int fd, int status)
{
	char reply[128];
	int n = snprintf(reply, sizeof reply, "HTTP/1.1 %d Sorry\r\nContent-Length: 0\r\nETag: \"of-an-error\"\r\nSet-Cookie: a=b\r\n\r\n", status);

	card->errors++;
	send_all(fd, reply, (size_t)n);
}

/* A whole answer, or the half of one, whose validators must not be kept (R11). */
static void send_feed(int fd, struct source *s, unsigned n, const struct validators *v, bool whole)
{
	char body[4096], head[512], date[VALIDATOR_BYTES];
	size_t len = write_feed(s, n, body, sizeof body);
	int h;

	http_date(card->now_ms, date);
	h = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: application/rss+xml\r\nContent-Length: %zu\r\nSet-Cookie: a=b; Path=/\r\n%s%s%s%s%s%s\r\n",
	             date, len, v->etag[0] ? "ETag: " : "", v->etag, v->etag[0] ? "\r\n" : "", v->date[0] ? "Last-Modified: " : "", v->date,
	             v->date[0] ? "\r\n" : "");
	send_all(fd, head, (size_t)h);
	send_all(fd, body, whole ? len : len / 2);
	if (!whole)
		return;
	s->before = s->last;
	s->last = *v;
	s->epoch = card->epoch;
	s->answers++;
}

static void send_not_modified(int fd)
{
	static const char reply[] = "HTTP/1.1 304 Not Modified\r\n\r\n";

	card->not_modified++;
	send_all(fd, reply, sizeof reply - 1);
}

/* False when the connection is to be closed. */
static bool answer(int fd, const char *request)
{
	char etag[VALIDATOR_BYTES], date[VALIDATOR_BYTES];
	struct validators v;
	struct source *s;
	unsigned n;

	if (sscanf(request, "GET /feed/%u", &n) != 1 || n >= card->n_sources)
		return false;
	s = &sources[n];
	judge(s, request, card->now_ms);
	publish(s, n, card->now_ms);
	v = validators_now(s, n);
	switch (next_random() % 60) {
	case 0: send_error(fd, 500); return true;
	case 1: send_error(fd, 404); return true;
	case 2: send_feed(fd, s, n, &v, false); return false;
	case 3: card->errors++; return false; /* not a word */
	default: break;
	}
	(void)header(request, "If-None-Match", etag);
	(void)header(request, "If-Modified-Since", date);
	if (v.etag[0] ? strcmp(etag, v.etag) == 0 : v.date[0] && strcmp(date, v.date) == 0)
		send_not_modified(fd);
	else
		send_feed(fd, s, n, &v, true);
	return true;
}

static void drop(struct connection *c)
{
	close(c->fd);
	c->fd = -1;
}

static void read_from(struct connection *c)
{
	ssize_t n = recv(c->fd, c->request + c->len, sizeof c->request - 1 - c->len, 0);
	char *end;

	if (n <= 0) {
		drop(c);
		return;
	}
	c->len += (size_t)n;
	c->request[c->len] = '\0';
	end = strstr(c->request, "\r\n\r\n");
	if (!end && c->len + 1 < sizeof c->request)
		return;
	if (!end || !answer(c->fd, c->request))
		drop(c);
	c->len = 0;
}

static void accept_one(int listener)
{
	int fd = accept(listener, NULL, NULL);

	for (size_t i = 0; fd >= 0 && i < MAX_CONNECTIONS; i++) {
		if (connections[i].fd < 0) {
			connections[i] = (struct connection){.fd = fd};
			return;
		}
	}
	if (fd >= 0)
		close(fd);
}

_Noreturn void scorecard_origin(int listener, struct scorecard *shared, uint64_t seed)
{
	struct pollfd fds[MAX_CONNECTIONS + 1];
	struct connection *owner[MAX_CONNECTIONS + 1];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	card = shared;
	random_state = seed * 2654435761u + 1;
	sources = calloc(card->n_sources, sizeof *sources);
	for (size_t i = 0; i < MAX_CONNECTIONS; i++)
		connections[i].fd = -1;
	for (;;) {
		nfds_t n = 0;

		fds[n++] = (struct pollfd){.fd = listener, .events = POLLIN};
		for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
			if (connections[i].fd >= 0) {
				owner[n] = &connections[i];
				fds[n++] = (struct pollfd){.fd = connections[i].fd, .events = POLLIN};
			}
		}
		if (poll(fds, n, -1) < 0 && errno != EINTR)
			_exit(EXIT_FAILURE);
		for (nfds_t i = 1; i < n; i++) {
			if (fds[i].revents)
				read_from(owner[i]);
		}
		if (fds[0].revents)
			accept_one(listener);
	}
}
