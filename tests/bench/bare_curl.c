#include "bare_curl.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdlib.h>

#include "bench.h"

struct bare {
	const struct bare_job *job;
	struct curl_slist *headers;
	CURLM *multi;
	struct event_base *base; /* NULL: multi_perform */
	struct event *timer;
	unsigned next, done;
};

static size_t swallow(char *p, size_t size, size_t n, void *ctx)
{
	(void)p, (void)ctx;
	return size * n;
}

static void add(struct bare *b, CURL *e)
{
	char url[BARE_URL_BYTES];

	b->job->url_of(b->next++, b->job->port, url);
	(void)curl_easy_setopt(e, CURLOPT_URL, url);
	(void)curl_easy_setopt(e, CURLOPT_HTTPHEADER, b->headers);
	(void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, swallow);
	(void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	(void)curl_multi_add_handle(b->multi, e);
}

static void take_done(struct bare *b)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(b->multi, &left))) {
		CURL *e = m->easy_handle;

		b->done++;
		(void)curl_multi_remove_handle(b->multi, e);
		if (b->next < b->job->n)
			add(b, e);
		else
			curl_easy_cleanup(e);
	}
}

static void on_event(int fd, short what, void *ctx)
{
	struct bare *b = ctx;
	int running;

	if (what & EV_TIMEOUT)
		(void)curl_multi_socket_action(b->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	else
		(void)curl_multi_socket_action(b->multi, fd, (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0),
		                               &running);
	take_done(b);
}

static int set_timer(CURLM *multi, long ms, void *ctx)
{
	struct bare *b = ctx;
	struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	(void)multi;
	if (ms < 0)
		(void)evtimer_del(b->timer);
	else
		(void)evtimer_add(b->timer, &delay);
	return 0;
}

static int set_socket(CURL *e, curl_socket_t fd, int what, void *ctx, void *old)
{
	struct bare *b = ctx;
	struct event *event = old;
	short mask = (short)((what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST);

	(void)e;
	if (event)
		event_free(event);
	if (what == CURL_POLL_REMOVE)
		return 0;
	event = event_new(b->base, fd, mask, on_event, b);
	(void)event_add(event, NULL);
	(void)curl_multi_assign(b->multi, fd, event);
	return 0;
}

static void begin(struct bare *b)
{
	b->headers = curl_slist_append(NULL, "If-None-Match: \"1\"");
	b->multi = curl_multi_init();
	if (b->base) {
		b->timer = evtimer_new(b->base, on_event, b);
		(void)curl_multi_setopt(b->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
		(void)curl_multi_setopt(b->multi, CURLMOPT_SOCKETDATA, b);
		(void)curl_multi_setopt(b->multi, CURLMOPT_TIMERFUNCTION, set_timer);
		(void)curl_multi_setopt(b->multi, CURLMOPT_TIMERDATA, b);
	}
	while (b->next < b->job->in_flight && b->next < b->job->n)
		add(b, curl_easy_init());
}

static double end(struct bare *b, double began_us)
{
	double us = (bench_cpu_us() - began_us) / b->job->n;

	(void)curl_multi_cleanup(b->multi);
	curl_slist_free_all(b->headers);
	if (b->timer)
		event_free(b->timer);
	if (b->base)
		event_base_free(b->base);
	return us;
}

double bare_perform_us(const struct bare_job *job)
{
	struct bare b = {.job = job};
	double began = bench_cpu_us();
	int running;

	begin(&b);
	while (b.done < job->n) {
		(void)curl_multi_perform(b.multi, &running);
		take_done(&b);
		if (b.done < job->n)
			(void)curl_multi_poll(b.multi, NULL, 0, 100, NULL);
	}
	return end(&b, began);
}

double bare_socket_us(const struct bare_job *job)
{
	struct bare b = {.job = job, .base = event_base_new()};
	double began = bench_cpu_us();

	if (!b.base)
		exit(EXIT_FAILURE);
	begin(&b);
	while (b.done < job->n)
		(void)event_base_loop(b.base, EVLOOP_ONCE);
	return end(&b, began);
}
