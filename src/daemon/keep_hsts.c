/* Which hosts want https only is kept in the store, or the first request after a restart would go out in the open (R61). */
#include "daemon_internal.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/store.h"

/* It is saved whole, so the more there are the less often: some KB a second at most. */
enum { FIRST_MS = 5000, OF_BYTE_MS = 1 };

static const char name[] = "hsts";

struct keeping {
	struct daemon *daemon;
	struct buf text;
};

static int keep_run(void *store, void *arg, struct err *err)
{
	struct keeping *k = arg;
	int rc = buf_error(&k->text);

	return rc < 0 ? rc : store_keep_text(store, name, buf_str(&k->text), err);
}

static void keep_done(int result, const struct err *err, void *arg)
{
	struct keeping *k = arg;

	if (result < 0)
		log_error("which hosts want https only could not be saved: %s; the next change tries again", err->message);
	buf_done(&k->text);
	mem_free(k);
}

/* Returns how much there was to save. */
static size_t keep(struct daemon *d)
{
	struct keeping *k = mem_new(struct keeping);
	size_t len;

	buf_init(&k->text, LIMIT_HSTS_BYTES);
	if (!client_save_hsts(d->client, &k->text)) {
		mem_free(k);
		return 0;
	}
	len = k->text.len;
	job_thread_submit(d->writer, &(struct job){.run = keep_run, .done = keep_done, .arg = k});
	return len;
}

static void timer_fired(void *ctx)
{
	struct daemon *d = ctx;

	loop_timer_set(d->hsts_timer, FIRST_MS + (int64_t)keep(d) * OF_BYTE_MS);
}

void keep_hsts_read(void *store, struct buf *out)
{
	struct err err = {0};

	buf_init(out, LIMIT_HSTS_BYTES);
	if (store_read_text(store, name, out, &err) < 0) {
		log_warning("which hosts want https only could not be read: %s; it is learned again", err.message);
		buf_clear(out);
	}
}

void keep_hsts_start(struct daemon *d, struct buf *text)
{
	client_restore_hsts(d->client, buf_str(text));
	d->hsts_timer = loop_timer_new(d->loop, timer_fired, d);
	loop_timer_set(d->hsts_timer, FIRST_MS);
}

void keep_hsts_stop(struct daemon *d)
{
	if (!d->hsts_timer)
		return;
	d->hsts_timer = loop_timer_free(d->hsts_timer);
	(void)keep(d);
}
