/* What reply headers say about time. They come from outside: whatever is not well formed counts as not said. */
#include <string.h>

#include "syndicated/schedule.h"

#include "syndicated/base/text.h"

#define SECOND      ((int64_t)1000)
#define HOUR        (3600 * SECOND)
#define RETRY_MIN   (60 * SECOND) /* R41 */
#define RETRY_MAX   (7 * 24 * HOUR)
#define FRESH_MAX   (24 * HOUR)          /* R34 */
#define RATE_LIMIT_MIN  SECOND
#define UNIX_TIMES_FROM ((int64_t)1000000000)
#define UNIX_MS_FROM    ((int64_t)100000000000)
#define NUMBER_MAX      ((int64_t)100000000000000)
#define SECONDS_MAX     ((int64_t)1 << 31) /* RFC 9111, 1.2.2; cut only after Age was subtracted */

static int64_t clamp(int64_t n, int64_t low, int64_t high)
{
	return n < low ? low : n > high ? high : n;
}

static size_t trim(const char **s, size_t len)
{
	while (len > 0 && text_is_space(**s)) {
		(*s)++;
		len--;
	}
	while (len > 0 && text_is_space((*s)[len - 1]))
		len--;
	return len;
}

/* Digits only, as RFC 9110 says of delay-seconds; too many of them are a very long time. -1 when it is none. */
static int64_t parse_seconds(const char *s, size_t len)
{
	int64_t n;

	return text_to_capped(s, len, SECONDS_MAX, &n) ? n : -1;
}

/* When the server says that it answered, by the clock that its other dates are of. */
static int64_t answered_ms(const char *date, int64_t now_ms)
{
	if (date)
		(void)text_parse_http_date(date, &now_ms);
	return now_ms;
}

int64_t schedule_retry_after_ms(const char *value, const char *date, int64_t now_ms)
{
	int64_t seconds, until, from;
	size_t len;

	if (!value)
		return 0;
	len = trim(&value, strlen(value));
	seconds = parse_seconds(value, len);
	if (seconds >= 0)
		return clamp(seconds * SECOND, RETRY_MIN, RETRY_MAX);
	if (!text_parse_http_date(value, &until))
		return 0;
	from = answered_ms(date, now_ms);
	return clamp(until - from, RETRY_MIN, RETRY_MAX);
}

struct cache_control {
	int64_t max_age_s; /* -1: not said */
	bool is_never;     /* no-cache of all of it, or no-store */
};

static bool is_word(const char *s, size_t len, const char *word)
{
	return len == strlen(word) && text_has_prefix_nocase(s, word);
}

static void take_directive(struct cache_control *cc, const char *s, size_t len)
{
	const char *equals = memchr(s, '=', len), *end = s + len, *value;
	size_t name_len = equals ? (size_t)(equals - s) : len, value_len;
	int64_t seconds;

	name_len = trim(&s, name_len);
	/* no-cache="Set-Cookie" speaks of that field alone (RFC 9111, 5.2.2.4). */
	if ((is_word(s, name_len, "no-cache") && !equals) || is_word(s, name_len, "no-store"))
		cc->is_never = true;
	if (!equals || !is_word(s, name_len, "max-age"))
		return;
	value = equals + 1;
	value_len = trim(&value, (size_t)(end - value));
	if (value_len >= 2 && value[0] == '"' && value[value_len - 1] == '"') {
		value++;
		value_len -= 2;
	}
	seconds = parse_seconds(value, value_len);
	if (seconds > cc->max_age_s)
		cc->max_age_s = seconds;
}

/* Length up to one of the characters that end a piece; within quotes they do not. */
static size_t piece_length(const char *s, const char *ends)
{
	bool quoted = false;
	size_t i;

	for (i = 0; s[i] && (quoted || !strchr(ends, s[i])); i++) {
		if (s[i] == '"')
			quoted = !quoted;
		else if (quoted && s[i] == '\\' && s[i + 1])
			i++;
	}
	return i;
}

/* R28, R31, R32: only max-age, no-cache and no-store matter to a client that is not a shared cache. */
static struct cache_control parse_cache_control(const char *s)
{
	struct cache_control cc = {.max_age_s = -1};

	while (s && *s) {
		size_t len = piece_length(s, ",");
		const char *start = s;

		s += len + (s[len] == ',');
		len = trim(&start, len);
		take_directive(&cc, start, len);
	}
	return cc;
}

/*
 * R30 counts must-revalidate with no-cache. By RFC 9111 5.2.2.2 it only says what happens once max-age is over, and
 * "max-age=300, must-revalidate" is what many sites send: so it gives no floor of its own and takes none away.
 */
int64_t schedule_fresh_ms(const char *cache_control, const char *age, const char *expires, const char *date,
			  int64_t now_ms)
{
	struct cache_control cc = parse_cache_control(cache_control);
	int64_t from, until, old = 0;

	if (cc.is_never)
		return 0;
	if (cc.max_age_s >= 0) {
		if (age) {
			size_t len = trim(&age, strlen(age));

			old = parse_seconds(age, len);
		}
		return clamp((cc.max_age_s - (old > 0 ? old : 0)) * SECOND, 0, FRESH_MAX);
	}
	if (!expires || !text_parse_http_date(expires, &until))
		return 0;
	from = answered_ms(date, now_ms);
	return until <= from ? 0 : until - FRESH_MAX >= from ? FRESH_MAX : until - from;
}

/* A number as these headers have it: digits, perhaps with a fraction, which is dropped. -1 when it is none. */
static int64_t parse_number(const char *s, size_t len)
{
	const char *dot;
	int64_t n;

	len = trim(&s, len);
	dot = memchr(s, '.', len);
	return text_to_capped(s, dot ? (size_t)(dot - s) : len, NUMBER_MAX, &n) ? n : -1;
}

/* Seconds from now, or, as some servers have it, a Unix time, of milliseconds too: no window is as long as those numbers are large. */
static int64_t until_reset_ms(int64_t reset, int64_t now_ms)
{
	int64_t now_s = now_ms / SECOND;

	if (reset >= UNIX_MS_FROM)
		reset /= 1000;

	return reset >= UNIX_TIMES_FROM ? (reset > now_s ? reset - now_s : 0) * SECOND : reset * SECOND;
}

/* Of several counters the one that lasts longest is what the host waits for. */
struct counter_reader {
	int64_t now_ms;
	int status;
	int64_t left, reset; /* of the one that is being read; -1: not said */
	int64_t wait_ms;     /* of those before it */
};

static void end_counter(struct counter_reader *r)
{
	bool is_used_up = r->left == 0 || (r->left < 0 && r->status == 429); /* which says so itself */
	int64_t wait = is_used_up && r->reset > 0 ? until_reset_ms(r->reset, r->now_ms) : 0;

	if (wait > 0)
		wait = clamp(wait, r->status == 429 || r->status == 503 ? RETRY_MIN : RATE_LIMIT_MIN, RETRY_MAX);
	if (wait > r->wait_ms)
		r->wait_ms = wait;
	r->left = r->reset = -1;
}

/* A number that is there already is of the next counter. */
static void take_number(struct counter_reader *r, int64_t *slot, int64_t n)
{
	if (*slot >= 0)
		end_counter(r);
	*slot = n;
}

static void take_parameter(struct counter_reader *r, const char *s, size_t len)
{
	const char *equals = memchr(s, '=', len), *end = s + len;
	size_t name_len = equals ? (size_t)(equals - s) : len;
	int64_t n;

	name_len = trim(&s, name_len);
	if (name_len > 0 && (!equals || *s == '"')) { /* the name of a policy */
		end_counter(r);
		return;
	}
	n = equals ? parse_number(equals + 1, (size_t)(end - equals - 1)) : -1;
	if (is_word(s, name_len, "r") || is_word(s, name_len, "remaining"))
		take_number(r, &r->left, n);
	else if (is_word(s, name_len, "t") || is_word(s, name_len, "reset"))
		take_number(r, &r->reset, n);
}

/* "limit=10, remaining=0, reset=30" of the older drafts; of the newer "burst";r=9;t=5, "daily";r=0;t=3600. */
static void read_policies(struct counter_reader *r, const char *s)
{
	while (*s) {
		size_t len = piece_length(s, ",;");

		take_parameter(r, s, len);
		s += len + (s[len] != '\0');
	}
	end_counter(r);
}

int64_t schedule_rate_limit_ms(const struct schedule_counters *c, int64_t now_ms)
{
	struct counter_reader r = {.now_ms = answered_ms(c->date, now_ms), .status = c->status, .left = -1, .reset = -1};

	if (c->remaining)
		r.left = parse_number(c->remaining, strlen(c->remaining));
	if (c->reset)
		r.reset = parse_number(c->reset, strlen(c->reset));
	end_counter(&r);
	if (c->rate_limit)
		read_policies(&r, c->rate_limit);
	return r.wait_ms;
}
