#ifndef DAEMON_POLL_REPORT_H
#define DAEMON_POLL_REPORT_H
/*
 * What is told of polls beside what becomes of their sources: the line of each in the debug log (polling.md R117), and the
 * counters of all since the process began, which a reload leaves alone (R118). Loop thread, but for poll_note_delays().
 *
 * What goes over the wire is counted when it is over, whatever comes of it, so that requests are those that the servers saw.
 * What a poll came to is counted after its commit, so that nothing counts that was undone.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/metrics.h"
#include "syndicated/control.h"
#include "syndicated/fetch.h"
#include "syndicated/store.h"

struct poll_figures { /* kept of a fetch, and of its decision, until the poll is told of */
	bool conditional, was_sent;
	int curl_code;
	int64_t wire_bytes;
	int64_t unpacked_bytes; /* of the document; 0: there was none, or it could not be unpacked */
	int64_t duration_ms;
	struct http_times times;
	const char *floor; /* schedule_decision.floor */
	int64_t *delays_ms; /* for poll_figures_done() */
	size_t n_delays;
};
void poll_note_fetch(struct poll_figures *f, const struct fetch_result *r);
/*
 * How long the new items waited: from their own dates to fetched_ms, of those alone that came after the last poll that could
 * have shown them (0: there was none). Any thread; forgets what an earlier call noted, whose run was undone.
 */
void poll_note_delays(struct poll_figures *f, const struct poll_effect *effect, int64_t previous_ms, int64_t fetched_ms);
void poll_figures_done(struct poll_figures *f);

struct poll_report { /* borrowed */
	const struct source_task *task;
	const struct poll_record *record;
	const struct poll_effect *effect;
	const struct poll_figures *figures;
};

/* At level debug; the caller asks first whether anybody reads that. The URL is not in it, only the first 8 hexadecimal digits of its SHA-256, without user and password. */
void poll_log(const struct poll_report *r, const char *due, int64_t host_gap_ms);

/* ---- counters ---- */

struct metrics *poll_counts_new(void); /* for metrics_free() */
void poll_count_fetch(struct metrics *m, const struct fetch_result *r);
void poll_count(struct metrics *m, const struct poll_report *r);
void poll_count_uncounted(struct metrics *m); /* it said nothing about its source, and nothing else of it is counted */
void poll_counts_show(const struct metrics *m, struct control_polls *ret);

#endif
