/*
 * The origin of the scorecard: one process, one loop. Source n lives at /feed/n, publishes when the virtual clock says so,
 * and judges every request it gets by the columns of polling.md section 1.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scorecard.h"

enum { ITEMS = 10 };

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
	struct validators held; /* what the request came with that it was the answer to: all there is if a kill lost it */
	unsigned answers;
	unsigned epoch; /* of the last good answer: a kill after it may have lost it (T11) */
};

static struct source *sources;
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

/* Two of three have an ETag, two of three a date. */
static struct validators validators_now(const struct source *s, unsigned n)
{
	struct validators v = {"", ""};

	if (n % 3 != 1)
		(void)snprintf(v.etag, sizeof v.etag, "%s\"%u-%u-%u\"", n % 2 ? "W/" : "", n, s->posts, s->touched);
	if (n % 3 != 0)
		loopback_date((int64_t)1700000000000 + (int64_t)(s->posts + s->touched) * 60000, v.date);
	return v;
}

/* ---- judging ---- */

/* One validator: sent when it was last received, byte for byte, and never otherwise. held: allowed after a kill. */
static void judge_one(const char *sent, const char *last, const char *held, bool excused, uint64_t *stale, uint64_t *bogus)
{
	if (strcmp(sent, last) == 0 || (excused && strcmp(sent, held) == 0))
		return;
	(void)fprintf(stderr, "scorecard: sent '%s', where '%s' was received last, in answer to '%s'%s\n", sent, last, held,
	              excused ? ", before a kill" : "");
	if (sent[0] && strcmp(sent, held) == 0)
		(*stale)++;
	else
		(*bogus)++;
}

static void judge(struct source *s, const struct validators *sent, const char *request, int64_t now_ms)
{
	char none[VALIDATOR_BYTES];
	bool conditional = sent->etag[0] || sent->date[0];
	bool excused = s->epoch != card->epoch;

	card->requests++;
	card->conditional += conditional;
	if (s->answers > 0 && !conditional && !(excused && !s->held.etag[0] && !s->held.date[0]))
		card->unconditional_again++;
	judge_one(sent->etag, s->last.etag, s->held.etag, excused, &card->etag_stale, &card->etag_bogus);
	judge_one(sent->date, s->last.date, s->held.date, excused, &card->date_stale, &card->date_bogus);
	card->cookies += loopback_header(request, "Cookie", none);
	card->referrers += loopback_header(request, "Referer", none);
	card->query_arguments += strchr(request, '?') != NULL && strchr(request, '?') < strstr(request, " HTTP/");
	card->bad_agents += !loopback_header(request, "User-Agent", none) || strncmp(none, "syndicated/", 11) != 0;
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

static void send_error(int fd, int status)
{
	char reply[128];
	int n = snprintf(reply, sizeof reply, "HTTP/1.1 %d Sorry\r\nContent-Length: 0\r\nETag: \"of-an-error\"\r\nSet-Cookie: a=b\r\n\r\n", status);

	card->errors++;
	loopback_send(fd, reply, (size_t)n);
}

/* A whole answer, or the half of one, whose validators must not be kept (R11). */
static void send_feed(int fd, struct source *s, unsigned n, const struct validators *v, const struct validators *sent, bool whole)
{
	char body[4096], head[512], date[VALIDATOR_BYTES];
	size_t len = write_feed(s, n, body, sizeof body);
	int h;

	loopback_date(card->time.mono_ms, date);
	h = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: application/rss+xml\r\nContent-Length: %zu\r\nSet-Cookie: a=b; Path=/\r\n%s%s%s%s%s%s\r\n",
	             date, len, v->etag[0] ? "ETag: " : "", v->etag, v->etag[0] ? "\r\n" : "", v->date[0] ? "Last-Modified: " : "", v->date,
	             v->date[0] ? "\r\n" : "");
	loopback_send(fd, head, (size_t)h);
	loopback_send(fd, body, whole ? len : len / 2);
	if (!whole)
		return;
	s->held = *sent;
	s->last = *v;
	s->epoch = card->epoch;
	s->answers++;
}

static void send_not_modified(int fd)
{
	static const char reply[] = "HTTP/1.1 304 Not Modified\r\n\r\n";

	card->not_modified++;
	loopback_send(fd, reply, sizeof reply - 1);
}

/* False when the connection is to be closed. */
static bool answer(int fd, const char *request)
{
	struct validators v, sent;
	struct source *s;
	unsigned n;

	if (sscanf(request, "GET /feed/%u", &n) != 1 || n >= card->n_sources)
		return false;
	s = &sources[n];
	(void)loopback_header(request, "If-None-Match", sent.etag);
	(void)loopback_header(request, "If-Modified-Since", sent.date);
	judge(s, &sent, request, card->time.mono_ms);
	publish(s, n, card->time.mono_ms);
	v = validators_now(s, n);
	switch (next_random() % 60) {
	case 0: send_error(fd, 500); return true;
	case 1: send_error(fd, 404); return true;
	case 2: send_feed(fd, s, n, &v, &sent, false); return false;
	case 3: card->errors++; return false; /* not a word */
	default: break;
	}
	if (v.etag[0] ? strcmp(sent.etag, v.etag) == 0 : v.date[0] && strcmp(sent.date, v.date) == 0)
		send_not_modified(fd);
	else
		send_feed(fd, s, n, &v, &sent, true);
	return true;
}

_Noreturn void scorecard_origin(int listener, int port, struct scorecard *shared, uint64_t seed)
{
	struct loopback l = {.listener = listener, .port = port, .answer = answer};

	card = shared;
	random_state = seed * 2654435761u + 1;
	sources = calloc(card->n_sources, sizeof *sources);
	loopback_serve(&l);
}
