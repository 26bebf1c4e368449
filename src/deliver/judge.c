/* What to do after an attempt (push.md 8.5, D-6): a table of delays and few rules. Pure. */
#include <string.h>

#include "syndicated/deliver.h"

#include "syndicated/base/text.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

#define AGE_MAX         (4 * 24 * HOUR)
#define OVERLOAD_MIN    (60 * SECOND) /* X3: after 429 or a timeout */
#define RETRY_AFTER_MAX (24 * HOUR)

/* W26: how long after the end of the attempt before; the first attempt is at once. */
static const int64_t delays[] = {0,        5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR,
				 5 * HOUR, 10 * HOUR,  14 * HOUR,  20 * HOUR,   24 * HOUR};
#define ATTEMPTS_MAX ((int64_t)(sizeof(delays) / sizeof(*delays)))

enum { STATUS_GONE = 410, STATUS_TOO_LARGE = 413, STATUS_BAD_TYPE = 415, STATUS_TOO_MANY = 429 };

/* X2: 80 to 120 per cent. */
static int64_t with_jitter(int64_t delay, uint64_t random)
{
	int64_t part = delay / 5;

	return part == 0 ? delay : delay - part + (int64_t)(random % (uint64_t)(2 * part + 1));
}

/* X4: whole or decimal seconds, rounded up, or an HTTP date; a date that is over, or anything else, is 0. */
static int64_t asked_delay(const struct deliver_answer *a)
{
	const char *value = a->retry_after;
	int64_t n = 0, until, now_ms = a->ended_ms;
	const char *p;

	if (!value)
		return 0;
	while (text_is_space(*value))
		value++;
	for (p = value; *p >= '0' && *p <= '9'; p++)
		n = n > RETRY_AFTER_MAX / SECOND ? n : n * 10 + (*p - '0');
	if (p > value && *p == '.') {
		p++;
		n += strspn(p, "0") < strspn(p, "0123456789");
		p += strspn(p, "0123456789");
	}
	while (p > value && text_is_space(*p))
		p++;
	if (p > value && *p == '\0')
		return n > RETRY_AFTER_MAX / SECOND ? RETRY_AFTER_MAX : n * SECOND;
	if (!text_parse_http_date(value, &until))
		return 0;
	if (a->date)
		(void)text_parse_http_date(a->date, &now_ms); /* by the endpoint's clock, as its other dates */
	if (until <= now_ms)
		return 0;
	return until - RETRY_AFTER_MAX >= now_ms ? RETRY_AFTER_MAX : until - now_ms;
}

static int64_t next_delay(const struct deliver_answer *a, int64_t attempts, uint64_t random)
{
	int64_t delay = with_jitter(delays[attempts], random);
	int64_t asked = asked_delay(a);
	bool overloaded = a->error == HTTP_TIMEOUT || (a->error == HTTP_DONE && a->status == STATUS_TOO_MANY);

	if (overloaded && delay < OVERLOAD_MIN)
		delay = OVERLOAD_MIN;
	return asked > delay ? asked : delay;
}

/* attempts counts those before this one, so this was number attempts + 1 and the next would be attempts + 2. */
enum deliver_verdict deliver_judge(const struct deliver_answer *answer, int64_t attempts, int64_t created_ms, uint64_t random,
                                   int64_t *ret_next_ms)
{
	int status = answer->error == HTTP_DONE ? answer->status : 0;
	int64_t next;

	if (status >= 200 && status <= 299)
		return DELIVER_OK;
	if (status == STATUS_GONE)
		return DELIVER_DISABLE;
	if (status == STATUS_TOO_LARGE || status == STATUS_BAD_TYPE)
		return DELIVER_GIVE_UP;
	if (attempts < 0)
		attempts = 0;
	if (attempts + 1 >= ATTEMPTS_MAX)
		return DELIVER_GIVE_UP;
	next = answer->ended_ms + next_delay(answer, attempts + 1, random);
	if (next - created_ms > AGE_MAX)
		return DELIVER_GIVE_UP;
	*ret_next_ms = next;
	return DELIVER_AGAIN;
}
