/* syndicatectl test-feed NAME: the newest stored items, whether a feed takes each, and the rule that says so. */
#include "daemon_internal.h"

#include <string.h>

#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"
#include "syndicated/store.h"

struct question {
	struct control_call *call;
	struct plan *plan;
	size_t feed; /* index in the plan */
	size_t limit;
	struct item_list *items;
	struct selection_verdict *verdicts; /* of each item */
};

static void forget(struct question *q)
{
	item_list_free(q->items);
	mem_free(q->verdicts);
	plan_unref(q->plan);
	mem_free(q);
}

/* Patterns and search are independent: what the patterns refuse is not searched for. */
static int judge(struct question *q, struct store_reader *reader, struct err *err)
{
	const struct selection *s = q->plan->selections[q->feed];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < q->items->n; i++) {
		struct selection_verdict *v = &q->verdicts[i];
		bool found = true;

		selection_judge(s, &q->items->items[i], v);
		if (v->rule == SELECTION_TAKEN && selection_search(s))
			rc = store_search_holds(reader, selection_search(s), q->items->items[i].id, &found, err);
		if (!found)
			*v = (struct selection_verdict){.rule = SELECTION_NOT_FOUND};
	}
	return rc;
}

static int test_run(void *reader, void *arg, struct err *err)
{
	struct question *q = arg;
	int rc = store_read_items(reader, NULL, q->limit, &q->items, err);

	if (rc < 0)
		return rc;
	q->verdicts = mem_new_array(struct selection_verdict, q->items->n + 1);
	return judge(q, reader, err);
}

static void test_done(int result, const struct err *err, void *arg)
{
	struct question *q = arg;
	struct control_trial *trials;

	if (result < 0) {
		control_answer_error(q->call, 500, err->message);
		forget(q);
		return;
	}
	trials = mem_new_array(struct control_trial, q->items->n + 1);
	for (size_t i = 0; i < q->items->n; i++)
		trials[i] = (struct control_trial){&q->items->items[i], &q->verdicts[i]};
	control_answer_trials(q->call, q->plan->config->feeds[q->feed].name, trials, q->items->n);
	mem_free(trials);
	forget(q);
}

void test_feed(struct control_call *call, const char *name, size_t limit, void *ctx)
{
	struct daemon *d = ctx;
	struct question *q;
	size_t feed = plan_feed_index(d->plan, name);

	if (strcmp(d->plan->config->feeds[feed].name, name) != 0) {
		auto_free char *message = mem_printf("there is no feed named '%s'; the page / lists them", name);

		control_answer_error(call, 404, message);
		return;
	}
	q = mem_new(struct question);
	q->call = call;
	q->plan = plan_ref(d->plan);
	q->feed = feed;
	q->limit = limit;
	job_thread_submit(d->reader, &(struct job){.run = test_run, .done = test_done, .arg = q});
}
