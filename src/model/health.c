#include "syndicated/model/health.h"

#include <assert.h>
#include <string.h>

#include "syndicated/base/frame.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

static const struct {
	const char *name, *text;
	bool is_given_up;
} states[SOURCE_STATES] = {
	[SOURCE_OK] = {"ok", "it works", false},
	[SOURCE_FAILING] = {"failing", "its last polls failed", false},
	[SOURCE_CHALLENGE] = {"challenge", "its server tests for robots; it is asked rarely", false},
	[SOURCE_DORMANT] = {"dormant", "it failed for so long that it is asked once a week", true},
	[SOURCE_GONE] = {"gone", "its server says that it was removed for good (410); it is asked once more after a week", true},
	[SOURCE_DISABLED] = {"disabled", "it is no longer polled", true},
	[SOURCE_JOINED] = {"joined", "it moved to where another source is, and that one is polled", false},
};

const char *source_state_name(enum source_state s)
{
	assert((unsigned)s < SOURCE_STATES);
	return states[s].name;
}

const char *source_state_text(enum source_state s)
{
	assert((unsigned)s < SOURCE_STATES);
	return states[s].text;
}

enum source_state source_state_from(int64_t stored)
{
	return stored >= 0 && stored < SOURCE_STATES ? (enum source_state)stored : SOURCE_OK;
}

bool source_state_is_given_up(enum source_state s)
{
	assert((unsigned)s < SOURCE_STATES);
	return states[s].is_given_up;
}

void source_health_done(struct source_health *h)
{
	mem_free(h->moving_to);
	mem_free(h->poll_url);
	*h = (struct source_health){0};
}

/* ---- history ---- */

/* Of one poll: seconds, hundredths, code, status, new items, minutes of freshness, minutes of Retry-After, flags. */
enum { GLIMPSE_BYTES = 4 + 3 + 1 + 2 + 2 + 2 + 2 + 1, FLAG_REDIRECTED = 1 };
_Static_assert(POLL_HISTORY_BYTES == POLL_HISTORY * GLIMPSE_BYTES, "the header says it as a number");

/* What does not fit is the most that does: a history is for people. */
static void put(struct buf *out, int64_t v, size_t n_bytes)
{
	int64_t most = ((int64_t)1 << (8 * n_bytes)) - 1;

	if (v < 0)
		v = 0;
	if (v > most)
		v = most;
	for (size_t i = 0; i < n_bytes; i++)
		buf_append_char(out, (char)(unsigned char)(v >> (8 * i) & 0xff));
}

static int64_t take(const unsigned char **p, size_t n_bytes)
{
	int64_t v = 0;

	for (size_t i = 0; i < n_bytes; i++)
		v |= (int64_t)(*p)[i] << (8 * i);
	*p += n_bytes;
	return v;
}

static void put_glimpse(struct buf *out, const struct poll_glimpse *g)
{
	put(out, g->started_ms / 1000, 4);
	put(out, g->duration_ms / 10, 3);
	put(out, poll_outcome_code(g->outcome), 1);
	put(out, g->status, 2);
	put(out, g->new_items, 2);
	put(out, (g->fresh_ms + 59999) / 60000, 2);
	put(out, (g->retry_after_ms + 59999) / 60000, 2);
	put(out, g->is_redirected ? FLAG_REDIRECTED : 0, 1);
}

void poll_history_encode_newest(const struct poll_glimpse *newest, const void *before, size_t len, struct buf *out)
{
	size_t kept = len / GLIMPSE_BYTES;

	put_glimpse(out, newest);
	if (kept > POLL_HISTORY - 1)
		kept = POLL_HISTORY - 1;
	if (kept)
		buf_append(out, before, kept * GLIMPSE_BYTES);
}

static bool take_glimpse(const unsigned char *p, struct poll_glimpse *ret)
{
	struct poll_glimpse g = {0};
	int64_t code;

	g.started_ms = take(&p, 4) * 1000;
	g.duration_ms = take(&p, 3) * 10;
	code = take(&p, 1);
	g.status = (int)take(&p, 2);
	g.new_items = take(&p, 2);
	g.fresh_ms = take(&p, 2) * 60000;
	g.retry_after_ms = take(&p, 2) * 60000;
	g.is_redirected = (take(&p, 1) & FLAG_REDIRECTED) != 0;
	if (!poll_outcome_from_code((int)code, &g.outcome))
		return false;
	*ret = g;
	return true;
}

void poll_history_decode(const void *bytes, size_t len, struct poll_history *ret)
{
	const unsigned char *p = bytes;

	*ret = (struct poll_history){0};
	for (; len >= GLIMPSE_BYTES && ret->n < POLL_HISTORY; p += GLIMPSE_BYTES, len -= GLIMPSE_BYTES)
		ret->n += take_glimpse(p, &ret->polls[ret->n]);
}

/* ---- reports ---- */

/* Messages quote servers, and an address may be any bytes: what could not be read back would stop every reader of the log. */
static void pack_clean(struct buf *out, const char *s)
{
	struct buf clean = BUF_INIT(64 << 10);

	if (s)
		text_scrub(&clean, s, strlen(s));
	pack_str(out, s ? buf_str(&clean) : NULL);
	buf_done(&clean);
}

void source_report_encode(const struct source_report *r, struct buf *out)
{
	pack_u32(out, (uint32_t)r->state);
	pack_str(out, poll_outcome_name(r->outcome));
	pack_i64(out, r->status);
	pack_clean(out, r->message);
	pack_i64(out, r->failures);
	pack_i64(out, r->failing_since_ms);
	pack_i64(out, r->next_poll_ms);
	pack_clean(out, r->old_url);
	pack_clean(out, r->new_url);
	pack_clean(out, r->joined);
}

int source_report_decode(const void *bytes, size_t len, struct source_report *ret)
{
	struct unpack u = {.p = bytes, .len = len};
	struct source_report r = {.state = source_state_from(unpack_u32(&u))};
	auto_free char *outcome = unpack_str(&u);

	r.status = (int)unpack_i64(&u);
	r.message = unpack_str(&u);
	r.failures = unpack_i64(&u);
	r.failing_since_ms = unpack_i64(&u);
	r.next_poll_ms = unpack_i64(&u);
	r.old_url = unpack_str(&u);
	r.new_url = unpack_str(&u);
	r.joined = unpack_str(&u);
	if (!unpack_finished(&u) || !poll_outcome_parse(outcome, &r.outcome)) {
		source_report_done(&r);
		return ERR_CORRUPT;
	}
	*ret = r;
	return 0;
}

void source_report_done(struct source_report *r)
{
	mem_free(r->message);
	mem_free(r->old_url);
	mem_free(r->new_url);
	mem_free(r->joined);
	*r = (struct source_report){0};
}
