/*
 * How far a look got, as text, to be gone on with when the next host may be asked: what it took so far, in milliseconds and
 * bytes, then a line for each redirect with its status and where it led.
 *
 *	412 1033
 *	301 https://example.org/feed
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "syndicated/base/mem.h"
#include "fetch_internal.h"

const char *fetch_url(const struct fetch *f)
{
	return f->n_led ? f->led_to[f->n_led - 1] : f->request.url;
}

bool fetch_is_permanent(const struct fetch *f)
{
	for (size_t i = 0; i < f->n_led; i++) {
		if (f->led_by[i] != 301 && f->led_by[i] != 308)
			return false;
	}
	return f->n_led > 0;
}

void fetch_lead(struct fetch *f, const char *url, int status)
{
	f->led_by[f->n_led] = status;
	f->led_to[f->n_led++] = mem_dup_str(url);
}

char *fetch_trail(const struct fetch *f)
{
	struct buf out = BUF_INIT(LIMIT_REDIRECTS * (LIMIT_URL_BYTES + 8u) + 64u);
	char *ret;

	buf_append_printf(&out, "%" PRId64 " %" PRId64 "\n", f->result.duration_ms, f->result.wire_bytes);
	for (size_t i = 0; i < f->n_led; i++)
		buf_append_printf(&out, "%d %s\n", f->led_by[i], f->led_to[i]);
	ret = mem_dup_str(buf_str(&out));
	buf_done(&out);
	return ret;
}

static bool take_line(struct fetch *f, const char *line, size_t len)
{
	auto_free char *url = NULL;
	int status, at = 0;

	if (f->n_led == LIMIT_REDIRECTS || sscanf(line, "%3d %n", &status, &at) != 1 || at == 0 || (size_t)at >= len)
		return false;
	url = mem_dup_bytes(line + at, len - (size_t)at);
	fetch_lead(f, url, status);
	return true;
}

void fetch_forget_hops(struct fetch *f)
{
	while (f->n_led > 0)
		mem_free(f->led_to[--f->n_led]);
}

bool fetch_take_trail(struct fetch *f, const char *trail)
{
	const char *line = strchr(trail, '\n'), *end;
	int64_t spent_ms, wire_bytes;
	int at = 0;

	if (!line || sscanf(trail, "%" SCNd64 " %" SCNd64 "%n", &spent_ms, &wire_bytes, &at) != 2 || trail + at != line)
		return false;
	if (spent_ms < 0 || wire_bytes < 0)
		return false;
	for (line++; (end = strchr(line, '\n')); line = end + 1) {
		if (!take_line(f, line, (size_t)(end - line))) {
			fetch_forget_hops(f);
			return false;
		}
	}
	if (f->n_led == 0)
		return false;
	f->result.duration_ms = spent_ms;
	f->result.wire_bytes = wire_bytes;
	return true;
}
