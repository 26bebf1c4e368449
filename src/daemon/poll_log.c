#include "poll_report.h"

#include <string.h>

#include "syndicated/base/digest.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/schedule.h"

enum { URL_MARK_BYTES = 4 };

/* Tells sources of one name apart in logs of many days, and its address from the one before. A secret in it stays secret. */
static void mark_of(const char *url, char out[2 * URL_MARK_BYTES + 1])
{
	auto_free char *bare = text_without_userinfo(url);
	struct digest d = digest_of(bare, strlen(bare));

	digest_hex(&d, URL_MARK_BYTES, out);
}

void poll_log(const struct poll_report *r, const char *due, int64_t host_gap_ms)
{
	const struct source_task *task = r->task;
	const struct poll_record *record = r->record;
	const struct poll_effect *e = r->effect;
	const struct poll_figures *f = r->figures;
	char url[2 * URL_MARK_BYTES + 1];

	mark_of(task->url, url);
	log_debug("poll source='%s' outcome=%s class=%s status=%d new=%zu changed=%zu same=%zu next=%s reason='%s' host=%s gap_ms=%lld late_ms=%lld "
	          "first=%d url=%s curl=%d conditional=%c wire=%lld decoded=%lld dns_ms=%lld connect_ms=%lld tls_ms=%lld ttfb_ms=%lld total_ms=%lld "
	          "floor='%s'",
	          task->name, poll_outcome_name(record->outcome), outcome_rule(record->outcome, record->status)->class_name, record->status, e->n_new,
	          e->n_changed, e->n_same, due, e->due_reason ? e->due_reason : "", task->host, (long long)host_gap_ms,
	          (long long)(record->started_ms - task->due_ms), task->is_first, url, f->curl_code, f->conditional ? 'y' : 'n',
	          (long long)f->wire_bytes, (long long)f->unpacked_bytes, (long long)f->times.lookup_ms, (long long)f->times.connect_ms,
	          (long long)f->times.tls_ms, (long long)f->times.answer_ms, (long long)f->duration_ms, f->floor ? f->floor : "");
}
