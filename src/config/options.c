/* The table, and the walks over it that need no file. Values are read and written in values.c. */
#include <assert.h>
#include <string.h>

#include "options.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define KIB    ((int64_t)1024)
#define MIB    (1024 * KIB)

#define TITLE_MAX       256
#define PATTERN_MAX     4096
#define PATH_MAX_BYTES  4000
#define SOCKET_PATH_MAX 107 /* sun_path holds 108 with the NUL */

static const struct choice log_levels[] = {
    {"error", LOG_LEVEL_ERROR},
    {"warning", LOG_LEVEL_WARNING},
    {"info", LOG_LEVEL_INFO},
    {"debug", LOG_LEVEL_DEBUG},
    {NULL, 0},
};
static const struct choice updates[] = {
    {"announce", UPDATE_ANNOUNCE},
    {"quiet", UPDATE_QUIET},
    {"ignore", UPDATE_IGNORE},
    {NULL, 0},
};
static const struct choice identities[] = {
    {"auto", IDENTITY_AUTO},
    {"guid", IDENTITY_GUID},
    {"link", IDENTITY_LINK},
    {"link+title", IDENTITY_LINK_TITLE},
    {"digest", IDENTITY_DIGEST},
    {NULL, 0},
};
static const struct choice hints[] = {{"follow", false}, {"ignore", true}, {NULL, 0}};
static const struct choice yes_no[] = {{"yes", true}, {"no", false}, {NULL, 0}};
static const struct choice pauses[] = {
    {"standard", HOST_LIMITS_STANDARD},
    {"host", HOST_LIMITS_OF_HOST},
    {"source", HOST_LIMITS_OF_SOURCE},
    {NULL, 0},
};
static const struct choice duplicates[] = {{"merge", true}, {"keep", false}, {NULL, 0}};

#define AT(type, member) offsetof(struct type, member)

static const struct option main_options[] = {
    {"listen", OPTION_ADDRESSES, AT(config, listen), "127.0.0.1:8780", 0, 0, NULL, OPTION_RESTART,
     "address and port to serve on, one or a list; sockets that systemd passes take precedence"},
    {"base-url", OPTION_URL, AT(config, base_url), NULL, 0, 0, NULL, 0,
     "how readers reach this server, for links in feeds and webhooks; made from listen when not given"},
    {"title", OPTION_TEXT, AT(config, title), "syndicated", 1, TITLE_MAX, NULL, 0,
     "title of the pages and of the feed all"},
    {"state-dir", OPTION_PATH, AT(config, state_dir), "/var/lib/syndicated", 1, PATH_MAX_BYTES, NULL, OPTION_RESTART,
     "where the database and everything else that must last is kept"},
    {"control", OPTION_PATH, AT(config, control), "/run/syndicated/control.sock", 1, SOCKET_PATH_MAX, NULL,
     OPTION_RESTART, "Unix socket of syndicatectl"},
    {"allow-networks", OPTION_NETWORKS, AT(config, allow_networks), NULL, 0, 0, NULL, 0,
     "private networks that sources and webhooks may live in, such as 10.0.0.0/8; none by default"},
    {"user-agent", OPTION_TEXT, AT(config, user_agent), NULL, 1, 256, NULL, 0,
     "User-Agent header of our requests; by default our name and version with a link to the project"},
    {"log-level", OPTION_CHOICE, AT(config, log_level), "info", 0, 0, log_levels, 0, "how much is logged"},
    {"ingest-workers", OPTION_INTEGER, AT(config, ingest_workers), "0", 0, 256, NULL, OPTION_RESTART,
     "processes that read feed documents; 0: one a core"},
    {"poll.min", OPTION_DURATION, AT(config, poll_min_ms), "15m", SECOND, 30 * DAY, NULL, 0,
     "shortest time between two polls of a source; under 1m only with allow-networks"},
    {"poll.max", OPTION_DURATION, AT(config, poll_max_ms), "24h", SECOND, 30 * DAY, NULL, 0,
     "longest time between two polls, unless the server asks for a longer one"},
    {"poll.hold-down", OPTION_DURATION, AT(config, poll_hold_down_ms), "24h", 0, 30 * DAY, NULL, 0,
     "how long a source must have been failing before source.failing is written to the log of events"},
    {"fetch.concurrent", OPTION_INTEGER, AT(config, fetch_concurrent), "64", 1, 512, NULL, 0,
     "fetches in flight at the same time"},
    {"fetch.timeout", OPTION_DURATION, AT(config, fetch_timeout_ms), "60s", SECOND, 10 * MINUTE, NULL, 0,
     "longest time that one fetch may take"},
    {"fetch.max-size", OPTION_SIZE, AT(config, fetch_max_bytes), "16MiB", KIB, 32 * MIB, NULL, 0,
     "largest document that is read, after decompression"},
    {"fetch.rate", OPTION_INTEGER, AT(config, fetch_rate), "20", 1, 10000, NULL, 0,
     "starts a second of sources that are behind, after an import, a restart or an outage"},
    {"fetch.proxy", OPTION_PROXY, AT(config, fetch_proxy), NULL, 0, 0, NULL, 0,
     "http or socks5 proxy that sources are fetched through, such as http://proxy.example:3128; none by default, whatever the environment says"},
    {"fetch.proxy-login-file", OPTION_SECRET_FILE, AT(config, fetch_proxy_login_file), NULL, 1, PATH_MAX_BYTES, NULL, 0,
     "file with user:password for fetch.proxy"},
    {"host.concurrent", OPTION_INTEGER, AT(config, host_concurrent), "1", 1, 64, NULL, 0,
     "fetches in flight at the same time to one registrable domain"},
    {"host.gap", OPTION_DURATION, AT(config, host_gap_ms), "2s", 0, HOUR, NULL, 0,
     "shortest time between the starts of two fetches to one registrable domain"},
    {"keep.age", OPTION_DURATION, AT(config, keep_age_ms), "90d", SECOND, 36500 * DAY, NULL, 0,
     "how long an item is kept after its source dropped it"},
    {"keep.items", OPTION_INTEGER, AT(config, keep_items), "1000", 1, 1000000, NULL, 0,
     "how many items of one source are kept"},
    {"stories.window", OPTION_DURATION, AT(config, stories.window_ms), "4d", HOUR, 30 * DAY, NULL, 0,
     "how long after an item another source's may be told as the same story by its words"},
    {"stories.merge", OPTION_SHARE, AT(config, stories.merge_permille), "0.37", 0, 1000, NULL, 0,
     "how alike, from 0 to 1, items of different sources must be to be one story; 1: only the same page or the same id"},
    {"stories.related", OPTION_SHARE, AT(config, stories.related_permille), "0.21", 0, 1000, NULL, 0,
     "how alike stories must be to be named as related"},
    {"include", OPTION_INCLUDE, 0, NULL, 0, 0, NULL, 0,
     "a directory of *.yaml files, or a list of files and directories, with more sources, feeds and webhooks"},
    {"sources", OPTION_SOURCES, 0, NULL, 0, 0, NULL, 0,
     "what is polled: a list of URLs or of blocks with the keys below"},
    {"feeds", OPTION_FEEDS, 0, NULL, 0, 0, NULL, 0, "what is published: named selections; all always exists"},
    {"webhooks", OPTION_WEBHOOKS, 0, NULL, 0, 0, NULL, 0, "who is told of new items"},
    {"hosts", OPTION_HOSTS, 0, NULL, 0, 0, NULL, 0, "whom host.concurrent and host.gap do not suit"},
    {"tags", OPTION_TAGS, 0, NULL, 0, 0, NULL, 0, "how often sources with a tag are polled"},
};

static const struct option source_options[] = {
    {"url", OPTION_URL, AT(source_spec, url), NULL, 0, 0, NULL, OPTION_REQUIRED | OPTION_KEY,
     "address of the RSS, Atom or JSON feed"},
    {"name", OPTION_NAME, AT(source_spec, name), NULL, 0, 0, NULL, 0,
     "short unique name; made from the host and path of the URL when not given"},
    {"title", OPTION_TEXT, AT(source_spec, title), NULL, 1, TITLE_MAX, NULL, 0,
     "shown instead of the title that the source gives itself"},
    {"tags", OPTION_TEXTS, AT(source_spec, tags), NULL, 1, 128, NULL, 0, "words that feeds select by"},
    {"priority", OPTION_INTEGER, AT(source_spec, priority), "0", -1000, 1000, NULL, 0,
     "of several copies of a story, that of the source with the highest priority leads"},
    {"poll.min", OPTION_DURATION, AT(source_spec, poll_min_ms), NULL, SECOND, 30 * DAY, NULL, OPTION_INHERITED,
     "as poll.min above, for this source"},
    {"poll.max", OPTION_DURATION, AT(source_spec, poll_max_ms), NULL, SECOND, 30 * DAY, NULL, OPTION_INHERITED,
     "as poll.max above, for this source"},
    {"poll.hints", OPTION_SWITCH, AT(source_spec, ignores_hints), "follow", 0, 0, hints, 0,
     "follow: not sooner than max-age, Expires, ttl, skipHours and the like say; ignore: only Retry-After counts"},
    {"update", OPTION_CHOICE, AT(source_spec, update), "announce", 0, 0, updates, 0,
     "what to do when a known item changes: announce it again, store it quietly, or ignore it"},
    {"identity", OPTION_CHOICE, AT(source_spec, identity), "auto", 0, 0, identities, 0,
     "what makes an item the same item next time: its guid, its link, its link and title, or all that it says (digest); auto: what the source has shown to be reliable"},
    {"user-agent", OPTION_TEXT, AT(source_spec, access.user_agent), NULL, 1, 256, NULL, 0,
     "as user-agent above, for this source"},
    {"headers", OPTION_HEADERS, AT(source_spec, access.headers), NULL, 1, 1024, NULL, 0,
     "request header fields for this source's own server, such as [\"X-Api-Version: 2\"]"},
    {"login.basic-file", OPTION_SECRET_FILE, AT(source_spec, access.basic_file), NULL, 1, PATH_MAX_BYTES, NULL, 0,
     "file with user:password, sent to this source's own server only"},
    {"login.bearer-file", OPTION_SECRET_FILE, AT(source_spec, access.bearer_file), NULL, 1, PATH_MAX_BYTES, NULL, 0,
     "file with a bearer token, sent to this source's own server only"},
    {"proxy", OPTION_PROXY, AT(source_spec, access.proxy), NULL, 0, 0, NULL, 0,
     "as fetch.proxy above, for this source; none: directly"},
    {"tls.verify", OPTION_SWITCH, AT(source_spec, access.verify), "yes", 0, 0, yes_no, 0,
     "no: believe any certificate; everybody on the way can then read and change what this source says"},
    {"tls.ca-file", OPTION_PATH, AT(source_spec, access.ca_file), NULL, 1, PATH_MAX_BYTES, NULL, 0,
     "PEM file of the certificates that are trusted for this source, instead of the system's"},
    {"tls.cert-file", OPTION_SECRET_FILE, AT(source_spec, access.cert_file), NULL, 1, PATH_MAX_BYTES, NULL, 0,
     "PEM file of our own certificate, for a server that asks for one"},
    {"tls.key-file", OPTION_SECRET_FILE, AT(source_spec, access.key_file), NULL, 1, PATH_MAX_BYTES, NULL, 0,
     "PEM file of its key; not needed when tls.cert-file holds both"},
    {"deltas", OPTION_SWITCH, AT(source_spec, access.deltas), "no", 0, 0, yes_no, 0,
     "yes: ask the server for new items only (RFC 3229, A-IM: feed)"},
};

static const struct option feed_options[] = {
    {"name", OPTION_NAME, AT(feed_spec, name), NULL, 0, 0, NULL, OPTION_REQUIRED | OPTION_KEY,
     "the feed is served as /feeds/NAME.atom and as a page; all sets the options of the feed that always exists"},
    {"title", OPTION_TEXT, AT(feed_spec, title), NULL, 1, TITLE_MAX, NULL, 0,
     "title of the feed; its name when not given"},
    {"tags", OPTION_TEXTS, AT(feed_spec, tags), NULL, 1, 128, NULL, 0,
     "only sources with any of these tags; all sources when not given"},
    {"sources", OPTION_NAMES, AT(feed_spec, sources), NULL, 0, 0, NULL, 0,
     "only these sources, by name; all when not given"},
    {"search", OPTION_PATTERN, AT(feed_spec, search), NULL, 1, PATTERN_MAX, NULL, 0,
     "words that title or text must hold, in the language of syndicatectl search: kernel AND (release OR \"long term\")"},
    {"match", OPTION_PATTERN, AT(feed_spec, match[FIELD_ANY]), NULL, 1, PATTERN_MAX, NULL, 0,
     "regular expression (PCRE2, any case) that title, text, author, link or a category must match; or a block with the keys below"},
    {"match.title", OPTION_PATTERN, AT(feed_spec, match[FIELD_TITLE]), NULL, 1, PATTERN_MAX, NULL, 0, "the title must match"},
    {"match.text", OPTION_PATTERN, AT(feed_spec, match[FIELD_TEXT]), NULL, 1, PATTERN_MAX, NULL, 0, "the summary or the text must match"},
    {"match.author", OPTION_PATTERN, AT(feed_spec, match[FIELD_AUTHOR]), NULL, 1, PATTERN_MAX, NULL, 0, "an author's name must match"},
    {"match.link", OPTION_PATTERN, AT(feed_spec, match[FIELD_LINK]), NULL, 1, PATTERN_MAX, NULL, 0, "the link must match"},
    {"match.category", OPTION_PATTERN, AT(feed_spec, match[FIELD_CATEGORY]), NULL, 1, PATTERN_MAX, NULL, 0, "a category must match"},
    {"exclude", OPTION_PATTERN, AT(feed_spec, exclude[FIELD_ANY]), NULL, 1, PATTERN_MAX, NULL, 0,
     "regular expression of what is left out; or a block with the keys below, of which one that matches is enough"},
    {"exclude.title", OPTION_PATTERN, AT(feed_spec, exclude[FIELD_TITLE]), NULL, 1, PATTERN_MAX, NULL, 0, "not what has it in its title"},
    {"exclude.text", OPTION_PATTERN, AT(feed_spec, exclude[FIELD_TEXT]), NULL, 1, PATTERN_MAX, NULL, 0, "not what has it in its summary or text"},
    {"exclude.author", OPTION_PATTERN, AT(feed_spec, exclude[FIELD_AUTHOR]), NULL, 1, PATTERN_MAX, NULL, 0, "not what has it in an author's name"},
    {"exclude.link", OPTION_PATTERN, AT(feed_spec, exclude[FIELD_LINK]), NULL, 1, PATTERN_MAX, NULL, 0, "not what has it in its link"},
    {"exclude.category", OPTION_PATTERN, AT(feed_spec, exclude[FIELD_CATEGORY]), NULL, 1, PATTERN_MAX, NULL, 0, "not what has it in a category"},
    {"duplicates", OPTION_SWITCH, AT(feed_spec, merge_duplicates), "merge", 0, 0, duplicates, 0,
     "merge: a story is one entry however many sources tell it; keep: every item is an entry"},
    {"per-source", OPTION_INTEGER, AT(feed_spec, per_source), "0", 0, 10000, NULL, 0,
     "entries that one source may lead, so that a busy one does not fill the feed; 0: as many as there are"},
    {"limit", OPTION_INTEGER, AT(feed_spec, limit), "200", 1, 10000, NULL, 0, "entries in the document"},
};

static const struct option webhook_options[] = {
    {"name", OPTION_NAME, AT(webhook_spec, name), NULL, 0, 0, NULL, OPTION_REQUIRED | OPTION_KEY, "unique name"},
    {"feed", OPTION_NAME, AT(webhook_spec, feed), "all", 0, 0, NULL, 0, "the feed whose new items are sent"},
    {"url", OPTION_URL, AT(webhook_spec, url), NULL, 0, 0, NULL, OPTION_REQUIRED, "where they are sent, by POST"},
    {"secret-file", OPTION_SECRET_FILE, AT(webhook_spec, secret_file), NULL, 1, PATH_MAX_BYTES, NULL, OPTION_REQUIRED,
     "file with the whsec_ secret that signs them; ${CREDENTIALS_DIRECTORY} is expanded here and nowhere else"},
    {"events", OPTION_TEXTS, AT(webhook_spec, events), NULL, 1, 64, NULL, 0,
     "the types of events that are sent: item.created (the default), item.updated, story.created, story.updated, source.failing, source.recovered, source.moved, "
     "source.gone, source.dormant, source.held"},
    {"initial", OPTION_INITIAL, AT(webhook_spec, initial), "none", 0, 1000000, NULL, 0,
     "what of a source's first fetch is sent: none, all, or the newest so many"},
    {"timeout", OPTION_DURATION, AT(webhook_spec, timeout_ms), "20s", SECOND, 2 * MINUTE, NULL, 0,
     "longest time that one attempt may take"},
};

static const struct option host_options[] = {
    {"name", OPTION_TEXT, AT(host_spec, name), NULL, 1, 255, NULL, OPTION_REQUIRED | OPTION_KEY,
     "a registrable domain, such as example.org; or an address or private name, with its port or without"},
    {"concurrent", OPTION_INTEGER, AT(host_spec, concurrent), NULL, 1, 64, NULL, OPTION_INHERITED,
     "as host.concurrent above, for this host"},
    {"gap", OPTION_DURATION, AT(host_spec, gap_ms), NULL, 0, HOUR, NULL, OPTION_INHERITED,
     "as host.gap above, for this host; it still grows when the host complains"},
    {"split", OPTION_SWITCH, AT(host_spec, split), "no", 0, 0, yes_no, 0,
     "yes: each host name under the domain is a host of its own, for farms of many servers"},
    {"pause", OPTION_CHOICE, AT(host_spec, limits), "standard", 0, 0, pauses, 0,
     "whom a Retry-After or 429 holds back: the whole host, or that source; standard: the host, but the source where names are private"},
};

static const struct option tag_options[] = {
    {"name", OPTION_TEXT, AT(tag_spec, name), NULL, 1, 128, NULL, OPTION_REQUIRED | OPTION_KEY, "one of the tags that sources have"},
    {"poll.min", OPTION_DURATION, AT(tag_spec, poll_min_ms), NULL, SECOND, 30 * DAY, NULL, OPTION_INHERITED,
     "as poll.min above, for sources with this tag; of several tags the shortest counts"},
    {"poll.max", OPTION_DURATION, AT(tag_spec, poll_max_ms), NULL, SECOND, 30 * DAY, NULL, OPTION_INHERITED,
     "as poll.max above, for sources with this tag; of several tags the shortest counts"},
};

#define TABLE(what, prefix, options)                                                                                   \
	{                                                                                                              \
		what, prefix, options, sizeof(options) / sizeof(*(options))                                            \
	}
const struct option_table option_tables[SCOPES] = {
    [SCOPE_MAIN] = TABLE("the configuration", "", main_options),
    [SCOPE_SOURCE] = TABLE("source", "sources[].", source_options),
    [SCOPE_FEED] = TABLE("feed", "feeds[].", feed_options),
    [SCOPE_WEBHOOK] = TABLE("webhook", "webhooks[].", webhook_options),
    [SCOPE_HOST] = TABLE("host", "hosts[].", host_options),
    [SCOPE_TAG] = TABLE("tag", "tags[].", tag_options),
};

bool option_is_list(const struct option *o)
{
	return o->type == OPTION_TEXTS || o->type == OPTION_NAMES || o->type == OPTION_ADDRESSES ||
	       o->type == OPTION_NETWORKS || o->type == OPTION_HEADERS;
}

bool option_is_block(const struct option *o)
{
	return o->type == OPTION_INCLUDE || o->type == OPTION_SOURCES || o->type == OPTION_FEEDS ||
	       o->type == OPTION_WEBHOOKS || o->type == OPTION_HOSTS || o->type == OPTION_TAGS;
}

bool option_is_number(const struct option *o)
{
	return o->type == OPTION_DURATION || o->type == OPTION_SIZE || o->type == OPTION_INTEGER || o->type == OPTION_SHARE ||
	       o->type == OPTION_INITIAL;
}

static bool is_text(const struct option *o)
{
	return o->type <= OPTION_PATTERN;
}

/* A default that its own option refuses is a bug in the table above. */
static void set_default(const struct option *o, void *base)
{
	int r = option_parse(o, o->standard, "/", base, NULL);

	assert(r == 0);
	(void)r;
}

void option_set_defaults(enum option_scope scope, void *base)
{
	const struct option_table *t = &option_tables[scope];

	for (size_t i = 0; i < t->n; i++) {
		const struct option *o = &t->options[i];
		const int64_t unset = -1;

		if (o->flags & OPTION_INHERITED)
			memcpy((char *)base + o->offset, &unset, sizeof(unset));
		else if (o->standard && !option_is_list(o))
			set_default(o, base);
	}
}

void option_clear_all(enum option_scope scope, void *base)
{
	const struct option_table *t = &option_tables[scope];

	for (size_t i = 0; i < t->n; i++) {
		const struct option *o = &t->options[i];
		char *slot = (char *)base + o->offset;

		if (option_is_list(o))
			string_list_done((struct string_list *)(void *)slot);
		else if (is_text(o))
			mem_set_str((char **)(void *)slot, NULL);
	}
}

bool option_is_set(const struct option *o, const void *base)
{
	const char *slot = (const char *)base + o->offset;

	if (option_is_block(o))
		return false;
	if (option_is_list(o))
		return ((const struct string_list *)(const void *)slot)->n > 0;
	if (is_text(o))
		return *(char *const *)(const void *)slot != NULL;
	if (option_is_number(o) && (o->flags & OPTION_INHERITED))
		return *(const int64_t *)(const void *)slot >= 0;
	return true;
}
