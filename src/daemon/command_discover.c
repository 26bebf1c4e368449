/*
 * syndicated discover: the feeds that a page names. Fetches as the daemon does, with its client and address policy, and
 * reads the page where the daemon would, in a sandboxed process.
 */
#include "syndicated/daemon.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/loop.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"
#include "syndicated/fetch.h"
#include "syndicated/ingest.h"
#include "syndicated/net/client.h"
#include "syndicated/net/policy.h"
#include "syndicated/net/resolver.h"
#include "discover_child.h"
#include "read_file.h"

enum { EXIT_USAGE = 2, FETCH_MS = 60000 };

struct options {
	const char *place; /* URL, file or "-" */
	const char *base;
	bool json;
	struct string_list networks;
};

/* A document and where it came from. */
struct document {
	char *url; /* NULL: a file without --base */
	char *content_type;
	char *content_encoding;
	struct buf bytes;
};

/* ---- options ---- */

static void add_networks(struct string_list *l, const char *list)
{
	while (*list) {
		size_t n = strcspn(list, ",");

		auto_free char *network = mem_dup_bytes(list, n);

		if (n)
			string_list_add(l, network);
		list += n + (list[n] == ',');
	}
}

/* The value of "--name VALUE" or "--name=VALUE", or NULL when argv[*i] is another option. */
static const char *value_of(int argc, char **argv, int *i, const char *name)
{
	size_t n = strlen(name);

	if (!text_has_prefix(argv[*i], name))
		return NULL;
	if (argv[*i][n] == '=')
		return argv[*i] + n + 1;
	return argv[*i][n] == '\0' && *i + 1 < argc ? argv[++*i] : NULL;
}

static bool read_options(int argc, char **argv, struct options *o)
{
	bool literal = false;

	for (int i = 1; i < argc; i++) {
		const char *value;

		if (!literal && strcmp(argv[i], "--") == 0)
			literal = true;
		else if (!literal && strcmp(argv[i], "--json") == 0)
			o->json = true;
		else if (!literal && (value = value_of(argc, argv, &i, "--base")))
			o->base = value;
		else if (!literal && (value = value_of(argc, argv, &i, "--allow-networks")))
			add_networks(&o->networks, value);
		else if (o->place || (!literal && argv[i][0] == '-' && argv[i][1]))
			return false;
		else
			o->place = argv[i];
	}
	return o->place != NULL && *o->place != '\0';
}

/* The URL that is meant, or NULL for a file. "example.org" is a host unless there is a file of that name. Caller frees. */
static char *url_of_place(const char *place)
{
	if (strcmp(place, "-") == 0)
		return NULL;
	if (strstr(place, "://"))
		return mem_dup_str(place);
	return access(place, F_OK) == 0 || strchr("./", place[0]) ? NULL : clean_url_guess(place, NULL);
}

/* ---- fetching ---- */

struct waiting {
	struct loop *loop;
	struct document *document;
	struct err *err;
	int rc; /* ERR_TIMEOUT until something came */
};

static void fetched(struct fetch_result *r, void *ctx)
{
	struct waiting *w = ctx;

	w->rc = 0;
	if (r->outcome == POLL_OK) {
		w->document->url = text_without_userinfo(r->final_url);
		w->document->content_type = mem_dup_str(r->content_type);
		w->document->content_encoding = mem_dup_str(r->content_encoding);
		w->document->bytes = r->body;
		r->body = BUF_INIT(0);
	} else {
		w->rc = err_set(w->err, ERR_IO, "it cannot be fetched: %s", r->message ? r->message : poll_outcome_text(r->outcome));
	}
	if (r->outcome == POLL_OVERSIZE)
		w->rc = err_set(w->err, ERR_TOO_BIG, "it cannot be fetched: it has more than %u MiB", LIMIT_FEED_BYTES >> 20);
	loop_stop(w->loop);
}

static void time_is_over(void *ctx)
{
	struct waiting *w = ctx;

	loop_stop(w->loop);
}

static int fetch(const char *url, const struct string_list *networks, struct document *ret, struct err *err)
{
	auto_free char *user_agent = mem_printf("%s/%s (+%s)", PACKAGE_NAME, PACKAGE_VERSION, PACKAGE_URL);
	struct fetch_request request = { .url = url, .user_agent = user_agent, .timeout_ms = FETCH_MS, .max_bytes = LIMIT_FEED_BYTES };
	struct policy *policy = policy_new(networks, err);
	struct loop *loop = policy ? loop_new(err) : NULL;
	struct resolver *resolver = loop ? resolver_new(loop) : NULL;
	struct client *client = loop ? client_new(loop, resolver, policy, NULL, err) : NULL;
	struct waiting w = { .loop = loop, .document = ret, .err = err, .rc = ERR_TIMEOUT };

	if (client) {
		struct loop_timer *timer = loop_timer_new(loop, time_is_over, &w);
		struct fetch *f = fetch_start(client, &request, fetched, &w);

		loop_timer_set(timer, FETCH_MS); /* of all redirects together */
		loop_run(loop);
		if (w.rc == ERR_TIMEOUT) {
			fetch_cancel(f);
			(void)err_set(err, ERR_TIMEOUT, "it cannot be fetched: no whole answer within %d s", FETCH_MS / 1000);
		}
		loop_timer_free(timer);
	} else {
		w.rc = ERR_IO;
	}
	client_free(client);
	resolver_free(resolver);
	loop_free(loop);
	policy_free(policy);
	return w.rc;
}

static int get_document(const struct options *o, struct document *ret, struct err *err)
{
	auto_free char *url = url_of_place(o->place);

	if (url)
		return fetch(url, &o->networks, ret, err);
	ret->bytes = BUF_INIT(LIMIT_FEED_BYTES + (128u << 10)); /* what is read at once may go beyond */
	ret->url = mem_dup_str(o->base);
	return read_file(o->place, &ret->bytes, err);
}

/* ---- telling ---- */

static const char *or_dash(const char *s)
{
	return s ? s : "-";
}

static int width_of(const char *s, int so_far)
{
	int n = (int)strlen(s);

	return n > so_far ? n : so_far;
}

/* A column for a person's eyes, a tab for a program's. */
static void print_lines(const struct found_feed *feeds, size_t n, const char *place)
{
	bool person = isatty(STDOUT_FILENO);
	int url_width = 0, type_width = 0;

	for (size_t i = 0; i < n; i++) {
		url_width = width_of(feeds[i].url, url_width);
		type_width = width_of(or_dash(feeds[i].type), type_width);
	}
	for (size_t i = 0; i < n; i++) {
		const char *url = *feeds[i].url ? feeds[i].url : place;

		if (person)
			printf("%-*s  %-*s  %s\n", url_width, url, type_width, or_dash(feeds[i].type), or_dash(feeds[i].title));
		else
			printf("%s\t%s\t%s\n", url, or_dash(feeds[i].type), feeds[i].title ? feeds[i].title : "");
	}
}

static void print_json(const struct found_feed *feeds, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		json_object_set_new(o, "url", *feeds[i].url ? json_string(feeds[i].url) : json_null());
		json_object_set_new(o, "type", feeds[i].type ? json_string(feeds[i].type) : json_null());
		json_object_set_new(o, "title", feeds[i].title ? json_string(feeds[i].title) : json_null());
		json_object_set_new(o, "how", json_string(feeds[i].how));
		json_array_append_new(list, o);
	}
	json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
}

/* What the list does not say by itself, for people; programs have "how". */
static void print_remark(const struct found_feed *feeds, size_t n, const char *place, bool no_base)
{
	if (n == 0 && no_base)
		fprintf(stderr, "syndicated: %s: no feed is named by this page with its whole address; relative ones need --base with the URL of "
		                "the page\n", place);
	else if (n == 0)
		fprintf(stderr, "syndicated: %s: no feed is named by this page; tried: <link rel=\"alternate\">, links whose address or text is a "
		                "feed's, and the usual places of the software that made the page; try 'syndicated discover' with another page of "
		                "the site, such as its blog, or with /feed, /rss.xml or /atom.xml behind its host\n", place);
	else if (strcmp(feeds[0].how, "feed") == 0)
		fprintf(stderr, "syndicated: %s: this is a feed itself\n", place);
	else if (strcmp(feeds[0].how, "guess") == 0)
		fprintf(stderr, "syndicated: %s: no feed is named by this page; software like its own usually has one at the address%s above, "
		                "which %s not been tried\n",
		        place, n == 1 ? "" : "es", n == 1 ? "has" : "have");
}

static int run(const struct options *o, const char *shown)
{
	struct discover_child child = { 0 };
	struct document document = { 0 };
	struct found_feed *feeds = NULL;
	struct err err = { 0 };
	size_t n = 0;
	int rc = discover_child_start(&child, &err);

	if (rc == 0)
		rc = get_document(o, &document, &err);
	if (rc == 0) {
		const struct ingest_request request = {
			.url = document.url, .content_type = document.content_type, .content_encoding = document.content_encoding, .bytes = buf_str(&document.bytes), .len = document.bytes.len
		};

		rc = discover_child_ask(&child, &request, &feeds, &n, &err);
	}
	discover_child_end(&child);
	if (o->json)
		print_json(feeds, n);
	else
		print_lines(feeds, n, shown);
	if (fflush(stdout) != 0)
		rc = err_set(&err, ERR_IO, "the list cannot be written");
	if (rc == 0)
		print_remark(feeds, n, shown, !document.url);
	else
		fprintf(stderr, "syndicated: %s: %s\n", shown, err.message);
	found_feeds_free(feeds, n);
	mem_free(document.url);
	mem_free(document.content_type);
	mem_free(document.content_encoding);
	buf_done(&document.bytes);
	return rc == 0 && n ? EXIT_SUCCESS : EXIT_FAILURE;
}

int command_discover(int argc, char **argv)
{
	struct options o = { 0 };
	char shown[LIMIT_SHORT_BYTES];
	int status = EXIT_USAGE;

	if (!read_options(argc, argv, &o)) {
		fputs("usage: syndicated discover [--json] [--base URL] [--allow-networks CIDR[,CIDR]] URL|FILE|-\n", stderr);
		goto out;
	}
	for (size_t i = 0; i < o.networks.n; i++) {
		if (!policy_network_is_valid(o.networks.items[i])) {
			fprintf(stderr, "syndicated: --allow-networks: \"%s\" is no network; write it as 10.0.0.0/8 or fd00::/8\n", o.networks.items[i]);
			goto out;
		}
	}
	if (o.base && !text_has_prefix_nocase(o.base, "http:") && !text_has_prefix_nocase(o.base, "https:")) {
		fprintf(stderr, "syndicated: --base: \"%s\" is no http or https URL\n", o.base);
		goto out;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	text_redact_url(o.place, shown, sizeof(shown));
	status = run(&o, shown);
out:
	string_list_done(&o.networks);
	return status;
}
