/* Stories and people: why an item is in its story, moving it, and trying other thresholds. */
#include "daemon_internal.h"

#include <stdio.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/mem.h"
#include "syndicated/store.h"

struct question {
	struct daemon *daemon;
	struct control_call *call;
	int64_t item_id, with_id;
	struct item_story item;
	struct story_spec spec;
	size_t limit;
	struct story_replay replay;
};

static struct question *ask(struct daemon *d, struct control_call *call, int64_t item_id)
{
	struct question *q = mem_new(struct question);

	q->daemon = d;
	q->call = call;
	q->item_id = item_id;
	return q;
}

static void forget(struct question *q)
{
	item_story_done(&q->item);
	story_replay_done(&q->replay);
	mem_free(q);
}

static bool refused(struct question *q, int result, const struct err *err)
{
	if (!operation_failed(q->call, result, err))
		return false;
	forget(q);
	return true;
}

/* ---- explain item ---- */

static int explain_run(void *reader, void *arg, struct err *err)
{
	struct question *q = arg;

	return store_read_item_story(reader, q->item_id, &q->item, err);
}

static struct control_note *notes_of(const struct story_note *list, size_t n)
{
	struct control_note *out = mem_new_array(struct control_note, n + 1);

	for (size_t i = 0; i < n; i++)
		out[i] = (struct control_note){.story_id = list[i].story_id, .item_id = list[i].item_id, .likeness_permille = list[i].likeness_permille,
		                               .copied_permille = list[i].copied_permille, .title = list[i].title, .source = list[i].source,
		                               .why = list[i].why};
	return out;
}

static void explain_done(int result, const struct err *err, void *arg)
{
	struct question *q = arg;
	struct control_note *candidates, *related;
	struct control_item c;

	if (refused(q, result, err))
		return;
	candidates = notes_of(q->item.candidates, q->item.n_candidates);
	related = notes_of(q->item.related, q->item.n_related);
	c = (struct control_item){.id = q->item_id, .story = &q->item.story->stories[0], .candidates = q->item.is_in_window ? candidates : NULL,
	                          .n_candidates = q->item.n_candidates, .related = related, .n_related = q->item.n_related};
	control_answer_item(q->call, &c);
	mem_free(candidates);
	mem_free(related);
	forget(q);
}

void explain_item(struct control_call *call, int64_t item_id, void *ctx)
{
	struct daemon *d = ctx;

	job_thread_submit(d->reader, &(struct job){.run = explain_run, .done = explain_done, .arg = ask(d, call, item_id)});
}

/* ---- split and join ---- */

static int split_run(void *store, void *arg, struct err *err)
{
	struct question *q = arg;

	return store_split_item(store, q->item_id, clock_unix_ms(&clock_system), err);
}

static int join_run(void *store, void *arg, struct err *err)
{
	struct question *q = arg;

	return store_join_items(store, q->item_id, q->with_id, clock_unix_ms(&clock_system), err);
}

static void moved(int result, const struct err *err, void *arg)
{
	struct question *q = arg;

	if (refused(q, result, err))
		return;
	publisher_log_grew(q->daemon->publisher);
	control_answer_done(q->call, q->with_id ? "done; both are one story now" : "done; it is a story of its own now");
	forget(q);
}

void split_item(struct control_call *call, int64_t item_id, void *ctx)
{
	struct daemon *d = ctx;

	job_thread_submit(d->writer, &(struct job){.run = split_run, .done = moved, .arg = ask(d, call, item_id)});
}

void join_items(struct control_call *call, int64_t item_id, int64_t with_id, void *ctx)
{
	struct daemon *d = ctx;
	struct question *q = ask(d, call, item_id);

	q->with_id = with_id;
	job_thread_submit(d->writer, &(struct job){.run = join_run, .done = moved, .arg = q});
}

/* ---- other thresholds ---- */

static int replay_run(void *reader, void *arg, struct err *err)
{
	struct question *q = arg;

	return store_replay_stories(reader, &q->spec, q->limit, &q->replay, err);
}

static void replay_done(int result, const struct err *err, void *arg)
{
	struct question *q = arg;
	const struct story_replay *r = &q->replay;
	struct control_change *changes;
	struct control_replay c;

	if (refused(q, result, err))
		return;
	changes = mem_new_array(struct control_change, r->n + 1);
	for (size_t i = 0; i < r->n; i++)
		changes[i] = (struct control_change){.item_id = r->changes[i].item_id, .likeness_permille = r->changes[i].likeness_permille,
		                                     .item = r->changes[i].item, .joins = r->changes[i].joins, .leaves = r->changes[i].leaves};
	c = (struct control_replay){.items = (int64_t)r->n_items, .stories_now = (int64_t)r->n_stored_stories, .stories_then = (int64_t)r->n_stories,
	                            .differing = (int64_t)r->n_differing, .merge = (double)q->spec.merge_permille / 1000,
	                            .related = (double)q->spec.related_permille / 1000, .changes = changes, .n = r->n};
	control_answer_replay(q->call, &c);
	mem_free(changes);
	forget(q);
}

void replay_stories(struct control_call *call, int64_t merge, int64_t related, size_t limit, void *ctx)
{
	struct daemon *d = ctx;
	struct question *q = ask(d, call, 0);

	q->spec = d->plan->config->stories;
	if (merge >= 0)
		q->spec.merge_permille = merge;
	if (related >= 0)
		q->spec.related_permille = related;
	q->limit = limit;
	job_thread_submit(d->reader, &(struct job){.run = replay_run, .done = replay_done, .arg = q});
}
