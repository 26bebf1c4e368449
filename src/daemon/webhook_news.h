#ifndef DAEMON_WEBHOOK_NEWS_H
#define DAEMON_WEBHOOK_NEWS_H
/* What the next events of the log are to one webhook: which of them its feed takes, and the body of each. On the reader thread. */
#include "syndicated/model/ids.h"
#include "syndicated/model/selection.h"
#include "syndicated/model/spec.h"
#include "syndicated/store.h"

struct webhook_news { /* webhook_news_done() */
	/* Borrowed, set by the caller. */
	const struct webhook_spec *spec;
	const struct selection *selection; /* of its feed */
	const char *base_url;

	int64_t last_seq; /* where the next reading starts; 0: nothing was read */
	struct delivery_new *deliveries;
	size_t n;
	int64_t *told; /* stories that the webhook hears of for the first time */
	size_t n_told;

	struct event_list *events;
	struct buf *bodies;    /* of each delivery, */
	char (*ids)[ID_BYTES]; /* and its event's id */
};

/* At most LIMIT_FANOUT_EVENTS of them. */
must_check int webhook_news_read(struct webhook_news *w, struct store_reader *reader, int64_t after_seq, struct err *err);
void webhook_news_done(struct webhook_news *w);

#endif
