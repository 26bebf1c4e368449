/*
 * THE outcome table: polling.md section 4, one row an outcome. What an outcome costs is said here and nowhere else.
 *
 * 429 and 503 are one outcome with two rows, because only the first is never given up.
 */
#include <assert.h>

#include "syndicated/schedule.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

enum {
	ANY = 0,
	UNAVAILABLE = 503,
	MISSING_TRIES = 20, /* R56: a whole hosting service says 404 for hours on most days */
	USUAL_TRIES = 5,    /* a daemon that slept for two months between two failures knows nothing */
};

/* clang-format off */
static const struct outcome_rule rules[] = {
	/* outcome, status, class, first step, cap, least of the second, scope, give up after, and tries */
	{POLL_OK,            ANY, "ok",           0,           0,         0,        PAUSE_SOURCE, 0,        0, false, false},
	{POLL_UNCHANGED,     ANY, "ok",           0,           0,         0,        PAUSE_SOURCE, 0,        0, false, false},
	{POLL_NOT_MODIFIED,  ANY, "ok",           0,           0,         0,        PAUSE_SOURCE, 0,        0, false, false},
	{POLL_DAMAGED,       ANY, "ok-warn",      0,           0,         0,        PAUSE_SOURCE, 0,        0, false, false},
	{POLL_NOT_A_FEED,    ANY, "parse",        2 * HOUR,    24 * HOUR, 0,        PAUSE_SOURCE, 30 * DAY, USUAL_TRIES, false, false},
	{POLL_HTTP_PROTOCOL, ANY, "http-proto",   1 * HOUR,    24 * HOUR, 0,        PAUSE_SOURCE, 30 * DAY, USUAL_TRIES, false, false},
	{POLL_REDIRECT_BAD,  ANY, "redirect-bad", 2 * HOUR,    24 * HOUR, 0,        PAUSE_SOURCE, 30 * DAY, USUAL_TRIES, false, false},
	{POLL_BLOCKED,       ANY, "blocked",      24 * HOUR,   7 * DAY,   0,        PAUSE_SOURCE, 30 * DAY, USUAL_TRIES, false, false},
	{POLL_CLIENT_ERROR,  ANY, "client",       2 * HOUR,    24 * HOUR, 0,        PAUSE_SOURCE, 30 * DAY, USUAL_TRIES, false, false},
	{POLL_AUTH,          ANY, "auth",         12 * HOUR,   7 * DAY,   0,        PAUSE_SOURCE, 30 * DAY, USUAL_TRIES, false, false},
	{POLL_FORBIDDEN,     ANY, "forbidden",    4 * HOUR,    24 * HOUR, 0,        PAUSE_SOURCE, 60 * DAY, USUAL_TRIES, false, false},
	{POLL_CHALLENGE,     ANY, "challenge",    24 * HOUR,   7 * DAY,   0,        PAUSE_SOURCE, 0,        0, false, false}, /* R58 */
	{POLL_MISSING,       ANY, "missing",      1 * HOUR,    24 * HOUR, 0,        PAUSE_SOURCE, 30 * DAY, MISSING_TRIES, false, false}, /* R56 */
	{POLL_TRANSIENT,     ANY, "transient",    30 * MINUTE, 24 * HOUR, 0,        PAUSE_SOURCE, 0,        0, false, false},
	{POLL_GONE,          ANY, "gone",         7 * DAY,     7 * DAY,   0,        PAUSE_SOURCE, 0,        0, true,  false}, /* R55 */
	{POLL_LIMITED,       ANY, "limited",      1 * HOUR,    24 * HOUR, 4 * HOUR, PAUSE_HOST,   0,        0, true,  false}, /* R45 */
	{POLL_LIMITED, UNAVAILABLE, "limited",    1 * HOUR,    24 * HOUR, 0,        PAUSE_HOST,   60 * DAY, USUAL_TRIES, false, false},
	{POLL_SERVER_ERROR,  ANY, "server",       1 * HOUR,    24 * HOUR, 0,        PAUSE_SOURCE, 60 * DAY, USUAL_TRIES, false, false},
	{POLL_SERVER_ODD,    ANY, "server",       6 * HOUR,    24 * HOUR, 0,        PAUSE_SOURCE, 60 * DAY, USUAL_TRIES, false, false},
	{POLL_DNS_TEMPORARY, ANY, "dns-temp",     30 * MINUTE, 12 * HOUR, 0,        PAUSE_SOURCE, 60 * DAY, USUAL_TRIES, false, false},
	{POLL_DNS_PERMANENT, ANY, "dns-perm",     2 * HOUR,    24 * HOUR, 0,        PAUSE_SOURCE, 30 * DAY, USUAL_TRIES, false, false},
	{POLL_CONNECT,       ANY, "connect",      30 * MINUTE, 24 * HOUR, 0,        PAUSE_SOURCE, 60 * DAY, USUAL_TRIES, false, false},
	{POLL_TLS_CERT,      ANY, "tls-cert",     4 * HOUR,    24 * HOUR, 0,        PAUSE_SOURCE, 60 * DAY, USUAL_TRIES, false, false},
	{POLL_TLS,           ANY, "tls",          1 * HOUR,    24 * HOUR, 0,        PAUSE_SOURCE, 60 * DAY, USUAL_TRIES, false, false},
	{POLL_STALL,         ANY, "stall",        1 * HOUR,    24 * HOUR, 0,        PAUSE_SOURCE, 60 * DAY, USUAL_TRIES, false, false},
	{POLL_HTTP2,         ANY, "h2",           30 * MINUTE, 24 * HOUR, 0,        PAUSE_SOURCE, 0,        0, false, false},
	{POLL_OVERSIZE,      ANY, "oversize",     24 * HOUR,   7 * DAY,   0,        PAUSE_SOURCE, 30 * DAY, USUAL_TRIES, false, false},
	{POLL_ENCODING,      ANY, "encoding",     1 * HOUR,    24 * HOUR, 0,        PAUSE_SOURCE, 30 * DAY, USUAL_TRIES, false, false},
	{POLL_WORKER,        ANY, "parse",        2 * HOUR,    24 * HOUR, 0,        PAUSE_SOURCE, 30 * DAY, USUAL_TRIES, false, false},
	{POLL_LOCAL,         ANY, "local",        1 * MINUTE,  1 * MINUTE, 0,       PAUSE_EVERYTHING, 0,    0, false, true},
};
/* clang-format on */

const struct outcome_rule *outcome_rule(enum poll_outcome outcome, int status)
{
	const struct outcome_rule *found = NULL;

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (rules[i].outcome == outcome && (rules[i].status == ANY || rules[i].status == status))
			found = &rules[i];
	assert(found);
	return found;
}

static int64_t double_up(int64_t step_ms, int64_t cap_ms, int64_t times)
{
	while (times-- > 0 && step_ms < cap_ms)
		step_ms *= 2;
	return step_ms < cap_ms ? step_ms : cap_ms;
}

/*
 * poll.max is the longest wait of a row whose cap is a day; one that the table lets wait a week waits seven times as
 * long, so a password that is missing is asked for less often than a server that is slow.
 */
static int64_t longest(const struct outcome_rule *rule, int64_t max_ms)
{
	if (rule->cap_ms <= DAY)
		return max_ms;
	return max_ms < DAY ? max_ms * (rule->cap_ms / DAY) : rule->cap_ms;
}

int64_t outcome_back_off_ms(const struct outcome_rule *rule, int64_t failures, int64_t retry_after_ms, int64_t max_ms)
{
	int64_t wait;

	if (rule->step_ms == 0)
		return 0;
	if (rule->scope == PAUSE_HOST && retry_after_ms > 0)
		return 0; /* Retry-After says it better */
	wait = double_up(rule->step_ms, rule->cap_ms, failures > 0 ? failures - 1 : 0);
	if (failures > 1 && wait < rule->again_ms)
		wait = rule->again_ms;
	if (!rule->server_said && wait > longest(rule, max_ms))
		wait = longest(rule, max_ms);
	return wait;
}

struct pacing_answer outcome_for_host(const struct outcome_rule *rule, int status, bool is_calm, int64_t asked_ms, int64_t used_up_ms)
{
	bool complains = rule->scope == PAUSE_HOST;
	int64_t pause_ms = used_up_ms;

	if (is_calm)
		pause_ms = rule->step_ms; /* "calm: host pause 1 h" in section 4 */
	else if (complains && asked_ms > pause_ms)
		pause_ms = asked_ms;
	return (struct pacing_answer){
		.success = poll_outcome_is_success(rule->outcome),
		.limited = complains && (status == 429 || is_calm || asked_ms == 0),
		.pause_ms = pause_ms,
	};
}
