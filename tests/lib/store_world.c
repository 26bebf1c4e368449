#include "store_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "store_dir.h"
#include "syndicated/base/mem.h"
#include "syndicated/identify.h"

void store_world_must(struct store_world *w, int rc)
{
	if (rc < 0)
		fail_msg("%d: %s", rc, w->err.message);
}

void store_world_open(struct store_world *w)
{
	w->s = store_open(w->dir, &w->err);
	w->r = w->s ? store_reader_open(w->dir, &w->err) : NULL;
	if (!w->r)
		fail_msg("%s", w->err.message);
}

void store_world_close(struct store_world *w)
{
	w->r = store_reader_close(w->r);
	w->s = store_close(w->s);
}

int store_world_set_up(void **state)
{
	char url[] = "https://a.test/f", name[] = "a";
	const struct source_spec spec = {.url = url, .name = name, .poll_min_ms = 60000, .poll_max_ms = STORE_WORLD_DAY};
	const struct store_sync_rules rules = {.now_ms = STORE_WORLD_NOW, .due_ms = STORE_WORLD_NOW, .host_of = store_dir_host_of};
	struct store_world *w = mem_new(struct store_world);
	struct store_sync sync;

	(void)snprintf(w->dir, sizeof(w->dir), "store-world-XXXXXX");
	if (!mkdtemp(w->dir))
		return -1;
	store_world_open(w);
	store_world_must(w, store_begin(w->s, &w->err));
	store_world_must(w, store_sync_sources(w->s, &spec, 1, &rules, &sync, &w->err));
	store_world_must(w, store_commit(w->s, &w->err));
	*state = w;
	return 0;
}

int store_world_tear_down(void **state)
{
	struct store_world *w = *state;

	store_world_close(w);
	(void)store_dir_remove(w->dir);
	mem_free(w);
	return 0;
}

static void decide(const struct poll_record *r, const struct poll_effect *e, struct poll_due *ret, void *ctx)
{
	(void)e;
	(void)ctx;
	*ret = (struct poll_due){.due_ms = r->ended_ms + 60000, .interval_ms = 60000, .reason = "poll.min"};
}

void store_world_take_in(struct store_world *w, int64_t now_ms, const struct store_world_text *texts, size_t n, bool keep)
{
	struct feed_document *d = feed_document_new();
	const struct poll_record record = {.source_id = 1, .outcome = POLL_OK, .started_ms = now_ms, .ended_ms = now_ms, .keep_validators = true,
	                                   .document = d, .decide = decide};
	struct poll_effect effect;

	d->complete = true;
	for (size_t i = 0; i < n; i++) {
		struct item *item = feed_document_add_item(d);

		item->guid = arena_dup_str(d->arena, texts[i].guid);
		item->title = arena_dup_str(d->arena, texts[i].title);
		item->content = arena_dup_str(d->arena, texts[i].content);
	}
	identify_document(d, NULL);
	store_world_must(w, store_savepoint(w->s, &w->err));
	store_world_must(w, store_record_poll(w->s, &record, &effect, &w->err));
	if (keep)
		store_world_must(w, store_release(w->s, &w->err));
	else
		store_rollback_to(w->s);
	feed_document_free(d);
}

void store_world_take(struct store_world *w, int64_t now_ms, const struct store_world_text *texts, size_t n, bool keep)
{
	store_world_must(w, store_begin(w->s, &w->err));
	store_world_take_in(w, now_ms, texts, n, keep);
	store_world_must(w, store_commit(w->s, &w->err));
}

void store_world_spoil(const char *path, long from, size_t len)
{
	FILE *f = fopen(path, "r+b");

	assert_non_null(f);
	assert_int_equal(fseek(f, from, SEEK_SET), 0);
	for (size_t i = 0; i < len; i++)
		(void)fputc(0x5a, f);
	(void)fclose(f);
}
