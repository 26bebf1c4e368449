/* The configuration: files of tests/corpus/config with the exact report expected, the examples, and what is made of them. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/config.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

static char source_dir[PATH_MAX];
static char temp_dir[] = "/tmp/test_config.XXXXXX";

static char *read_file(const char *path)
{
	struct buf b = BUF_INIT(1u << 20);
	char piece[4096], *text = NULL;
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		return NULL;
	buf_append_str(&b, "");
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_append(&b, piece, n);
	(void)fclose(f);
	assert_int_equal(buf_take(&b, &text, NULL), 0);
	return text;
}

static char *write_file(const char *name, const char *text, mode_t mode)
{
	char *path = mem_printf("%s/%s", temp_dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fputs(text, f) >= 0, 1);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static char *remove_all(const char *text, const char *what)
{
	struct buf b = BUF_INIT(1u << 20);
	char *taken = NULL;
	const char *hit;

	buf_append_str(&b, "");
	while ((hit = strstr(text, what))) {
		buf_append(&b, text, (size_t)(hit - text));
		text = hit + strlen(what);
	}
	buf_append_str(&b, text);
	assert_int_equal(buf_take(&b, &taken, NULL), 0);
	return taken;
}

static struct config *load_good(const char *path)
{
	struct buf report = BUF_INIT(1u << 20);
	struct config *c = NULL;
	int r = config_load(path, NULL, &c, &report);

	if (r != 0)
		print_error("%s", buf_str(&report));
	assert_int_equal(r, 0);
	buf_done(&report);
	return c;
}

static struct config *load_text(const char *name, const char *text)
{
	char *path = write_file(name, text, 0600);
	struct config *c = load_good(path);

	mem_free(path);
	return c;
}

/* The report of a text, which must be in error when is_error. The caller frees. */
static char *report_of(const char *path, bool is_error)
{
	struct buf report = BUF_INIT(1u << 20);
	struct config *c = NULL;
	char *text = NULL;

	buf_append_str(&report, "");
	assert_int_equal(config_load(path, NULL, &c, &report), is_error ? ERR_INVALID : 0);
	assert_int_equal(c == NULL, is_error);
	config_free(c);
	assert_int_equal(buf_take(&report, &text, NULL), 0);
	return text;
}

/* The whole report, source lines and carets too, stands beside each file. */
static void test_corpus_file(void **state)
{
	const char *name = *state;
	char here[PATH_MAX + 1];
	char *want_path, *want, *got, *shown;
	bool is_bad = strncmp(name, "bad-", 4) == 0;

	assert_non_null(getcwd(here, PATH_MAX));
	(void)strncat(here, "/", sizeof(here) - strlen(here) - 1);
	want_path = mem_printf("%.*s.want", (int)(strlen(name) - strlen(".yaml")), name);
	want = read_file(want_path);
	if (is_bad)
		assert_non_null(want);
	got = report_of(name, is_bad);
	shown = remove_all(got, here);
	assert_string_equal(shown, want ? want : "");
	mem_free(shown);
	mem_free(got);
	mem_free(want);
	mem_free(want_path);
}

static void expect_round_trip(const char *path)
{
	struct config *a = load_good(path), *b;
	struct buf first = BUF_INIT(1u << 24), second = BUF_INIT(1u << 24), diff = BUF_INIT(1u << 20);

	config_print(a, &first);
	b = load_text("round-trip.yaml", buf_str(&first));
	config_print(b, &second);
	assert_string_equal(buf_str(&first), buf_str(&second));
	config_diff(a, b, &diff);
	assert_string_equal(buf_str(&diff), "");
	config_free(a);
	config_free(b);
	buf_done(&first);
	buf_done(&second);
	buf_done(&diff);
}

static void test_round_trip(void **state)
{
	static const char *const examples[] = {"syndicated.yaml", "syndicated.annotated.yaml", "examples/planet.yaml",
					       "examples/newsroom.yaml"};

	(void)state;
	expect_round_trip("good-full.yaml");
	expect_round_trip("good-anchors.yaml");
	expect_round_trip("good-include.yaml");
	expect_round_trip("good-empty-lists.yaml");
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", temp_dir, 1), 0);
	mem_free(write_file("desk", SECRET "\n", 0600));
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		char *path = mem_printf("%s/etc/%s", source_dir, examples[i]);

		expect_round_trip(path);
		mem_free(path);
	}
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

static void test_values(void **state)
{
	struct config *c = load_good("good-full.yaml");

	(void)state;
	assert_int_equal(c->listen.n, 2);
	assert_string_equal(c->base_url, "https://news.example.org");
	assert_string_equal(c->title, "A \"quoted\" title: \303\234berschrift");
	assert_true(text_has_prefix(c->state_dir, "/") && strstr(c->state_dir, "/config/state"));
	assert_int_equal(c->log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(c->fetch_max_bytes, 65536);
	assert_int_equal(c->host_gap_ms, 0);
	assert_int_equal(c->n_sources, 3);
	assert_string_equal(c->sources[0].name, "example-org-a-b-xml");
	assert_string_equal(c->sources[1].name, "example-org-a-b-xml-2");
	assert_int_equal(c->sources[1].poll_min_ms, 1000);
	assert_int_equal(c->sources[1].poll_max_ms, 5000);
	assert_string_equal(c->sources[2].name, "named");
	assert_string_equal(c->sources[2].title, "It's");
	assert_int_equal(c->sources[2].priority, -5);
	assert_int_equal(c->sources[2].poll_max_ms, 10000);
	assert_int_equal(c->sources[2].update, UPDATE_IGNORE);
	assert_int_equal(c->n_feeds, 2);
	assert_string_equal(c->feeds[0].name, "all");
	assert_string_equal(c->feeds[0].title, c->title);
	assert_int_equal(c->feeds[0].limit, 5);
	assert_true(c->feeds[0].merge_duplicates);
	assert_false(c->feeds[1].merge_duplicates);
	assert_string_equal(c->feeds[1].match[FIELD_ANY], "^\\w+ \"x\"");
	config_free(c);
}

static void test_defaults(void **state)
{
	struct config *c = load_good("good-minimal.yaml");

	(void)state;
	assert_string_equal(c->listen.items[0], "127.0.0.1:8780");
	assert_string_equal(c->base_url, "http://127.0.0.1:8780");
	assert_string_equal(c->title, "syndicated");
	assert_string_equal(c->state_dir, "/var/lib/syndicated");
	assert_string_equal(c->control, "/run/syndicated/control.sock");
	assert_int_equal(c->allow_networks.n, 0);
	assert_null(c->user_agent);
	assert_int_equal(c->log_level, LOG_LEVEL_INFO);
	assert_int_equal(c->poll_min_ms, 15 * 60000);
	assert_int_equal(c->poll_max_ms, 24 * 3600000);
	assert_int_equal(c->fetch_concurrent, 64);
	assert_int_equal(c->fetch_timeout_ms, 60000);
	assert_int_equal(c->fetch_max_bytes, LIMIT_FEED_BYTES);
	assert_int_equal(c->host_concurrent, 1);
	assert_int_equal(c->host_gap_ms, 2000);
	assert_int_equal(c->keep_age_ms, INT64_C(90) * 86400000);
	assert_int_equal(c->keep_items, 1000);
	assert_int_equal(c->ingest_workers, 0);
	assert_int_equal(c->sources[0].update, UPDATE_ANNOUNCE);
	assert_int_equal(c->feeds[0].limit, 200);
	config_free(c);
}

static void expect_report(const char *path, bool is_error, const char *part)
{
	char *report = report_of(path, is_error);

	if (!strstr(report, part))
		print_error("no \"%s\" in: %s\n", part, report);
	assert_non_null(strstr(report, part));
	mem_free(report);
}

static void test_files_that_cannot_be_read(void **state)
{
	char *nul = mem_printf("%s/nul.yaml", temp_dir), *empty = write_file("empty.yaml", "", 0600);
	char *latin = write_file("latin.yaml", "title: ok\nuser-agent: caf\xe9\n", 0600);
	char *bom = write_file("bom.yaml", "\xef\xbb\xbfsources: [https://example.org/]\r\n", 0600);
	int fd = open(nul, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	(void)state;
	assert_int_equal(write(fd, "title: a\0b\n", 11), 11);
	assert_int_equal(close(fd), 0);
	expect_report("/nonexistent/x.yaml", true,
		      "/nonexistent/x.yaml: error: cannot be read: No such file or directory\n");
	expect_report(temp_dir, true, ": error: cannot be read: it is a directory, not a file\n");
	expect_report("/dev/null", true, ": error: cannot be read: it is not an ordinary file\n");
	expect_report(empty, false, "empty.yaml: warning: no sources; ");
	expect_report(nul, true, "nul.yaml:1:9: error: this byte (0x00) is not allowed");
	expect_report(latin, true, "latin.yaml:2:16: error: this byte (0xe9) is not allowed");
	config_free(load_good(bom));
	mem_free(nul);
	mem_free(empty);
	mem_free(latin);
	mem_free(bom);
}

/* LIMIT_CONFIG_BYTES, and the depth of nesting. */
static void test_limits(void **state)
{
	char deep[64], *path = write_file("huge.yaml", "", 0600);

	(void)state;
	assert_int_equal(truncate(path, (off_t)LIMIT_CONFIG_BYTES + 1), 0);
	expect_report(path, true, ": error: cannot be read: it is larger than 64 MiB\n");
	assert_int_equal(unlink(path), 0);
	mem_free(path);
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	path = write_file("deep.yaml", deep, 0600);
	expect_report(path, true, "deep.yaml:1:33: error: nested too deeply\n");
	mem_free(path);
}

static char *webhook_with(const char *secret_file)
{
	char *text = mem_printf(
	    "sources: [https://example.org/]\nwebhooks:\n  - {name: w, url: https://example.org/, secret-file: %s}\n",
	    secret_file);
	char *path = write_file("webhook.yaml", text, 0600);

	mem_free(text);
	return path;
}

static void expect_secret(const char *content, mode_t mode, bool is_error, const char *part)
{
	char *secret = write_file("secret", content, mode), *path = webhook_with("secret");

	expect_report(path, is_error, part);
	mem_free(secret);
	mem_free(path);
}

static void expect_source(const char *options, bool is_error, const char *part)
{
	char *text = mem_printf("fetch: {proxy: \"http://p.example:3128\", proxy-login-file: proxy-login}\nsources:\n  - {url: https://example.org/, %s}\n", options);
	char *path = write_file("access.yaml", text, 0600);

	expect_report(path, is_error, part);
	mem_free(text);
	mem_free(path);
}

/* R26, R87, R96: how a source is asked; what is secret comes out of files and is printed nowhere. */
static void test_access(void **state)
{
	struct buf printed = BUF_INIT(1u << 20);
	struct config *c;

	(void)state;
	mem_free(write_file("login", "me:a pass word\n", 0600));
	mem_free(write_file("token", "abc.def\n", 0600));
	mem_free(write_file("two-lines", "a:b\nInjected: c\n", 0600));
	mem_free(write_file("proxy-login", "proxy:door\n", 0600));
	mem_free(write_file("cert", "x", 0600));
	c = load_text("access.yaml", "fetch: {proxy: \"http://p.example:3128\", proxy-login-file: proxy-login}\nsources:\n"
				     "  - {url: https://a.example/, login: {basic-file: login}, headers: [\"X-A: 1\", \"X-B: 2\"], user-agent: me/1, proxy: none}\n"
				     "  - {url: https://b.example/, login: {bearer-file: token}, tls: {verify: no, cert-file: cert}, deltas: yes}\n"
				     "  - https://c.example/\n");
	assert_string_equal(c->fetch_proxy_login, "proxy:door");
	assert_string_equal(c->sources[0].access.authorization, "Basic bWU6YSBwYXNzIHdvcmQ=");
	assert_int_equal(c->sources[0].access.headers.n, 2);
	assert_true(c->sources[0].access.verify);
	assert_string_equal(c->sources[1].access.authorization, "Bearer abc.def");
	assert_false(c->sources[1].access.verify);
	assert_true(c->sources[1].access.deltas);
	assert_true(source_access_is_plain(&c->sources[2].access));
	assert_false(source_access_is_plain(&c->sources[0].access));
	config_print(c, &printed);
	assert_null(strstr(buf_str(&printed), "bWU6"));
	assert_null(strstr(buf_str(&printed), "abc.def"));
	assert_null(strstr(buf_str(&printed), "door"));
	buf_done(&printed);
	config_free(c);
	expect_source("login: {basic-file: token}", true, "must hold one line: user:password");
	expect_source("login: {basic-file: two-lines}", true, "must hold one line");
	expect_source("login: {bearer-file: two-lines}", true, "must hold one line");
	expect_source("login: {bearer-file: nothing-here}", true, "cannot be read");
	expect_source("login: {bearer-file: token, basic-file: login}", true, "exclude each other");
	expect_source("headers: [\"Host: x\"]", true, "Host cannot be set here");
	expect_source("headers: [\"if-none-match: x\"]", true, "cannot be set here");
	expect_source("headers: [\"X Y: x\"]", true, "is not a header field");
	expect_source("headers: [nothing]", true, "is not a header field");
	expect_source("proxy: \"http://user:pw@p.example:1\"", true, "expected http://HOST:PORT");
	expect_source("proxy: \"\"", true, "expected http://HOST:PORT");
	expect_source("proxy: \"-1\"", true, "expected http://HOST:PORT");
	expect_source("proxy: \"ftp://p.example:1\"", true, "expected http://HOST:PORT");
	expect_source("tls: {key-file: cert}", true, "needs tls.cert-file");
	expect_source("tls: {ca-file: /nonexistent}", true, "cannot be read");
	expect_source("tls: {verify: no}", false, "warning: tls.verify: no");
}

/* push.md W10 and the only place where a variable is expanded. */
static void test_secrets(void **state)
{
	char *path;
	struct config *c;

	(void)state;
	expect_secret(SECRET "\n", 0600, false, "");
	expect_secret(SECRET "\n", 0644, false, ":3:55: warning: secret-file: ");
	expect_secret("", 0600, true, "does not hold a secret");
	expect_secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 0600, true, "does not hold a secret");
	expect_secret("whsec_QUJD", 0600, true, "does not hold a secret");
	expect_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!", 0600, true, "does not hold a secret");

	path = webhook_with("\"${CREDENTIALS_DIRECTORY}/desk\"");
	mem_free(write_file("desk", "  " SECRET "\r\n\n", 0600));
	expect_report(path, true, "CREDENTIALS_DIRECTORY is not set");
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", temp_dir, 1), 0);
	c = load_good(path);
	assert_string_equal(c->webhooks[0].secret, SECRET);
	assert_string_equal(c->webhooks[0].secret_file, "${CREDENTIALS_DIRECTORY}/desk");
	assert_string_equal(c->webhooks[0].feed, "all");
	assert_int_equal(c->webhooks[0].initial, INITIAL_NONE);
	assert_int_equal(c->webhooks[0].timeout_ms, 20000);
	config_free(c);
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	mem_free(path);
}

/* A secret is never printed (REL-40). */
static void test_secret_is_not_printed(void **state)
{
	char *secret = write_file("secret", SECRET, 0600), *path = webhook_with("secret");
	struct config *c = load_good(path);
	struct buf out = BUF_INIT(1u << 16);

	(void)state;
	config_print(c, &out);
	assert_non_null(strstr(buf_str(&out), "/secret\n"));
	assert_null(strstr(buf_str(&out), SECRET + 6));
	buf_done(&out);
	config_free(c);
	mem_free(secret);
	mem_free(path);
}

static void test_diff(void **state)
{
	struct config *a = load_text("a.yaml", "listen: 127.0.0.1:1\nsources:\n  - {url: https://a.example/, name: a}\n"
					       "  - {url: https://b.example/, name: b}\nfeeds:\n  - {name: x}\n");
	struct config *b =
	    load_text("b.yaml", "listen: 127.0.0.1:2\nbase-url: http://127.0.0.1:1\npoll: {min: 5m}\nsources:\n"
				"  - {url: https://b.example/, name: b, tags: [t], poll: {min: 15m}}\n"
				"  - {url: https://c.example/, name: c}\nfeeds:\n  - {name: y}\n");
	struct buf out = BUF_INIT(1u << 16);

	(void)state;
	config_diff(a, b, &out);
	assert_string_equal(buf_str(&out), "listen [127.0.0.1:1] -> [127.0.0.1:2] (after a restart)\n"
					   "poll.min 15m -> 5m\n"
					   "- feed x\n"
					   "+ feed y\n");
	buf_clear(&out);
	config_diff_source(&a->sources[0], NULL, &out);
	config_diff_source(&a->sources[1], &b->sources[0], &out);
	config_diff_source(NULL, &b->sources[1], &out);
	assert_string_equal(buf_str(&out), "- source a\n"
					   "~ source b: tags (none) -> [t]\n"
					   "+ source c\n");
	config_free(a);
	config_free(b);
	buf_done(&out);
}

#define MINUTE ((int64_t)60000)
#define HOUR   (60 * MINUTE)

/* How often (issue 4 "unless told otherwise"), by tag: what a source says itself stands above it, of several tags the shortest counts. */
static void test_tags(void **state)
{
	static const struct {
		const char *source;
		int64_t min_ms, max_ms;
		bool own;
	} rows[] = {
		{"{url: \"https://a.example/\"}", 15 * MINUTE, 24 * HOUR, false},
		{"{url: \"https://a.example/\", tags: [other]}", 15 * MINUTE, 24 * HOUR, false},
		{"{url: \"https://a.example/\", tags: [news]}", 5 * MINUTE, 6 * HOUR, true},
		{"{url: \"https://a.example/\", tags: [slow, news]}", 5 * MINUTE, 6 * HOUR, true},
		{"{url: \"https://a.example/\", tags: [slow]}", 36 * HOUR, 48 * HOUR, true},
		{"{url: \"https://a.example/\", tags: [quick]}", 10 * MINUTE, 10 * MINUTE, true},
		{"{url: \"https://a.example/\", tags: [news], poll: {min: 1h}}", HOUR, 6 * HOUR, true},
		{"{url: \"https://a.example/\", tags: [news], poll: {min: 15m, max: 2h}}", 15 * MINUTE, 2 * HOUR, true}, /* told, though it is the global one */
		{"{url: \"https://a.example/\", poll: {min: 15m}}", 15 * MINUTE, 24 * HOUR, true},
		{"{url: \"https://a.example/\", tags: [usual]}", 15 * MINUTE, 24 * HOUR, true},
		{"{url: \"https://a.example/\", poll: {max: 2h}}", 15 * MINUTE, 2 * HOUR, false},
		/* What is said nearest stands. */
		{"{url: \"https://a.example/\", tags: [slow], poll: {max: 30m}}", 30 * MINUTE, 30 * MINUTE, true},
		{"{url: \"https://a.example/\", tags: [quick], poll: {min: 2h}}", 2 * HOUR, 2 * HOUR, true},
		{"{url: \"https://a.example/\", tags: [slow, quicker]}", 10 * MINUTE, 20 * MINUTE, true},
		{"{url: \"https://a.example/\", tags: [rare, short]}", 20 * MINUTE, 20 * MINUTE, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = mem_printf("sources:\n  - %s\ntags:\n  - {name: news, poll: {min: 5m, max: 6h}}\n  - {name: slow, poll: {min: 36h, max: 48h}}\n"
		                        "  - {name: quick, poll: {max: 10m, min: 10m}}\n  - {name: quicker, poll: {max: 20m, min: 10m}}\n"
		                        "  - {name: usual, poll: {min: 15m}}\n  - {name: rare, poll: {min: 2h}}\n  - {name: short, poll: {max: 20m}}\n", rows[i].source);
		struct config *c = load_text("tags.yaml", text);

		if (c->sources[0].poll_min_ms != rows[i].min_ms || c->sources[0].poll_min_is_own != rows[i].own ||
		    c->sources[0].poll_max_ms != rows[i].max_ms)
			fail_msg("%s: %lld to %lld ms", rows[i].source, (long long)c->sources[0].poll_min_ms, (long long)c->sources[0].poll_max_ms);
		config_free(c);
		mem_free(text);
	}
}

/* R76, R77: hosts with limits of their own. */
static void test_hosts(void **state)
{
	struct config *c = load_text("hosts.yaml", "sources: [https://example.org/]\nhosts:\n  - {name: Tumblr.COM, split: yes}\n"
						   "  - {name: '127.0.0.1:81', gap: 0s, concurrent: 3, pause: host}\n");

	(void)state;
	assert_int_equal(c->n_hosts, 2);
	assert_string_equal(c->hosts[0].name, "tumblr.com");
	assert_true(c->hosts[0].split);
	assert_int_equal(c->hosts[0].gap_ms, -1);
	assert_int_equal(c->hosts[0].concurrent, -1);
	assert_int_equal(c->hosts[0].limits, HOST_LIMITS_STANDARD);
	assert_int_equal(c->hosts[1].gap_ms, 0);
	assert_int_equal(c->hosts[1].concurrent, 3);
	assert_int_equal(c->hosts[1].limits, HOST_LIMITS_OF_HOST);
	config_free(c);
}

struct known {
	struct fingerprint files;
	unsigned asked;
	char *state_dir;
};

static bool is_known(const struct config *c, void *ctx)
{
	struct known *k = ctx;

	k->asked++;
	mem_set_str(&k->state_dir, c->state_dir);
	return memcmp(&c->sources_are, &k->files, sizeof(c->sources_are)) == 0;
}

static struct config *load_unless(const char *path, struct known *known)
{
	const struct config_asks asks = {.is_known = is_known, .ctx = known};
	struct buf report = BUF_INIT(1u << 16);
	struct config *c = NULL;

	if (config_load(path, &asks, &c, &report) < 0)
		fail_msg("%s", buf_str(&report));
	buf_done(&report);
	return c;
}

/* However the sources are written, what stands around them is read, and nothing of it is taken for a source. */
static void test_known_sources_are_left_out(void **state)
{
	static const char *const texts[] = {
	    "title: T\nsources:\n  - https://a.example/\n  - {url: https://b.example/}\nfeeds:\n  - name: x\n",
	    "title: T\nsources:\n- https://a.example/\n- url: https://b.example/\n  title: >-\n    feeds\n\n# note\nfeeds:\n- name: x\n",
	    "feeds: [{name: x}]\nsources: # ours\n  - https://a.example/\n#sources:\n  - https://b.example/\n\ntitle: T",
	    "---\ntitle: T\nsources:\r\n  - https://a.example/\r\n  - https://b.example/\r\nfeeds:\r\n  - name: x\r\n",
	    "title: T\nfeeds: [{name: x}]\nsources:\n  - https://a.example/\n  - https://b.example/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char *path = write_file("known.yaml", texts[i], 0600);
		struct known known = {0};
		struct config *all = load_unless(path, &known), *rest;

		assert_int_equal(all->n_sources, 2);
		assert_false(all->sources_left_out);
		known.files = all->sources_are;
		rest = load_unless(path, &known);
		assert_int_equal(rest->n_sources, 0);
		assert_true(rest->sources_left_out);
		assert_string_equal(rest->title, "T");
		assert_int_equal(rest->n_feeds, 2);
		assert_string_equal(rest->feeds[1].name, "x");
		assert_string_equal(known.state_dir, all->state_dir);
		assert_memory_equal(&rest->sources_are, &all->sources_are, sizeof(all->sources_are));
		config_free(all);
		config_free(rest);
		mem_free(known.state_dir);
		mem_free(path);
	}
}

/* Sources that are not a block of their own are read as ever. */
static void test_other_ways_to_write_sources(void **state)
{
	static const char *const texts[] = {
	    "sources: [https://a.example/, https://b.example/]\n",
	    "{sources: [https://a.example/, https://b.example/]}\n",
	    "'sources':\n  - https://a.example/\n  - https://b.example/\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char *path = write_file("known.yaml", texts[i], 0600);
		struct known known = {0};
		struct config *c = load_unless(path, &known);

		known.files = c->sources_are;
		config_free(c);
		c = load_unless(path, &known);
		assert_int_equal(c->n_sources, 2);
		config_free(c);
		mem_free(known.state_dir);
		mem_free(path);
	}
}

/* Any byte of a source, also in an included file, and what sources inherit makes them others; what else changes does not. */
static void test_changed_sources_are_not_known(void **state)
{
	char *included = write_file("more.yaml", "sources:\n  - https://a.example/\n", 0600);
	char *path = write_file("main.yaml", "include: more.yaml\n", 0600);
	struct known known = {0};
	struct config *c = load_unless(path, &known);

	(void)state;
	known.files = c->sources_are;
	config_free(c);
	mem_free(write_file("more.yaml", "sources:\n  - https://b.example/\n", 0600));
	c = load_unless(path, &known);
	assert_int_equal(c->n_sources, 1);
	assert_string_equal(c->sources[0].url, "https://b.example/");
	config_free(c);
	mem_free(write_file("more.yaml", "sources:\n  - https://a.example/\n", 0600));
	c = load_unless(path, &known);
	assert_int_equal(c->n_sources, 0);
	assert_int_equal(known.asked, 3);
	config_free(c);
	mem_free(write_file("main.yaml", "title: X\ninclude: more.yaml\nfeeds: [{name: x, sources: [y]}]\n", 0600));
	c = load_unless(path, &known);
	assert_true(c->sources_left_out);
	assert_string_equal(c->title, "X");
	config_free(c);
	mem_free(write_file("main.yaml", "poll: {min: 20m}\ninclude: more.yaml\n", 0600));
	c = load_unless(path, &known);
	assert_int_equal(c->sources[0].poll_min_ms, 20 * 60000);
	config_free(c);
	mem_free(write_file("main.yaml", "include: more.yaml\nhosts: [{name: a.example, split: yes}]\n", 0600));
	c = load_unless(path, &known);
	assert_int_equal(c->n_sources, 1);
	config_free(c);
	mem_free(known.state_dir);
	mem_free(included);
	mem_free(path);
}

/* LIMIT_CONFIG_ERRORS are shown, the others counted. */
static void test_error_limit(void **state)
{
	struct buf text = BUF_INIT(1u << 20);
	char *path, *report;
	size_t lines = 0;

	(void)state;
	for (unsigned i = 0; i < LIMIT_CONFIG_ERRORS + 23; i++)
		buf_append_printf(&text, "wrong%u: 1\n", i);
	path = write_file("many.yaml", buf_str(&text), 0600);
	report = report_of(path, true);
	for (const char *p = report; (p = strstr(p, ": error: ")); p++)
		lines++;
	assert_int_equal(lines, LIMIT_CONFIG_ERRORS);
	assert_non_null(strstr(report, "\nand 23 more errors\n"));
	mem_free(report);
	mem_free(path);
	buf_done(&text);
}

/* Names made from one and the same URL path must not cost the square of their number. */
static void test_many_sources(void **state)
{
	struct buf text = BUF_INIT(1u << 24);
	struct config *c;
	clock_t before;

	(void)state;
	buf_append_str(&text, "sources:\n");
	for (unsigned i = 0; i < 20000; i++)
		buf_append_printf(&text, "  - url: https://example.org/feed?id=%u\n", i);
	before = clock();
	c = load_text("big.yaml", buf_str(&text));
	assert_true((double)(clock() - before) / CLOCKS_PER_SEC < 3.0);
	assert_int_equal(c->n_sources, 20000);
	assert_string_equal(c->sources[19999].name, "example-org-feed-20000");
	config_free(c);
	buf_done(&text);
}

/* Calls fn with the path, default and help of every option: "sources[].poll.min". */
static void for_each_option(void (*fn)(const char *path, const char *standard, void *ctx), void *ctx)
{
	struct buf out = BUF_INIT(1u << 16);
	char *line, *save = NULL;

	config_describe(&out);
	for (line = strtok_r(out.bytes, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *type = strchr(line, '\t'), *standard, *help;

		assert_non_null(type);
		*type++ = '\0';
		standard = strchr(type, '\t');
		assert_non_null(standard);
		*standard++ = '\0';
		help = strchr(standard, '\t');
		assert_non_null(help);
		*help++ = '\0';
		assert_true(strlen(help) > 3);
		fn(line, standard, ctx);
	}
	buf_done(&out);
}

static void expect_annotated(const char *path, const char *standard, void *ctx)
{
	const char *text = ctx, *leaf = strrchr(path, '.'), *section = strstr(path, "[].");
	char *head = section ? mem_printf("\n%.*s:", (int)(section - path), path) : mem_dup_str("");
	char *key = mem_printf("%s:", leaf ? leaf + 1 : path), *said;
	const char *from = strstr(text, head), *hit;

	assert_non_null(from);
	hit = strstr(from + (section ? 2 : 0), key);
	if (!hit)
		print_error("%s is not in the annotated example\n", path);
	assert_non_null(hit);
	said = mem_printf("%s %s", key, standard);
	if (standard[0] && !strstr(from, said))
		print_error("the annotated example does not say \"%s\"\n", said);
	assert_true(!standard[0] || strstr(from, said));
	mem_free(said);
	mem_free(key);
	mem_free(head);
}

static void test_annotated_is_complete(void **state)
{
	char *path = mem_printf("%s/etc/syndicated.annotated.yaml", source_dir), *text = read_file(path);

	(void)state;
	for_each_option(expect_annotated, text);
	mem_free(text);
	mem_free(path);
}

/* What is commented out at its end is right as well. */
static void test_annotated_webhook(void **state)
{
	char *path = mem_printf("%s/etc/syndicated.annotated.yaml", source_dir), *text = read_file(path);
	char *without = remove_all(text, "webhooks: []"), *active = remove_all(without, "\n#  - name: desk");
	struct buf b = BUF_INIT(1u << 16);
	struct config *c;

	(void)state;
	buf_append(&b, active, (size_t)(strstr(active, "\n#    # The feed") - active));
	buf_append_str(&b, "\nwebhooks:\n  - name: desk");
	for (const char *p = strstr(active, "\n#    # The feed"); p && *p; p++)
		if (!(*p == '#' && p[-1] == '\n'))
			buf_append_char(&b, *p);
		else
			buf_append_str(&b, "");
	mem_free(write_file("desk", SECRET, 0600));
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", temp_dir, 1), 0);
	c = load_text("annotated.yaml", buf_str(&b));
	assert_int_equal(c->n_webhooks, 1);
	assert_string_equal(c->webhooks[0].feed, "linux");
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	config_free(c);
	buf_done(&b);
	mem_free(active);
	mem_free(without);
	mem_free(text);
	mem_free(path);
}

/* What is a text or a block is looked at as a block. */
static const json_t *as_block(const json_t *at)
{
	const json_t *either = json_object_get(at, "oneOf");

	for (size_t i = 0; i < json_array_size(either); i++)
		if (json_object_get(json_array_get(either, i), "properties"))
			return json_array_get(either, i);
	return at;
}

static const json_t *find_in_schema(const json_t *root, const char *path)
{
	static const struct {
		const char *prefix, *definition;
	} lists[] = {{"sources[].", "source"}, {"feeds[].", "feed"}, {"webhooks[].", "webhook"}, {"hosts[].", "host"}, {"tags[].", "tag"}};
	const json_t *at = root;
	char *copy, *save = NULL;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (text_has_prefix(path, lists[i].prefix)) {
			at = json_object_get(json_object_get(root, "$defs"), lists[i].definition);
			path += strlen(lists[i].prefix);
		}
	copy = mem_dup_str(path);
	for (char *key = strtok_r(copy, ".", &save); key; key = strtok_r(NULL, ".", &save)) {
		at = as_block(at);
		assert_true(json_is_false(json_object_get(at, "additionalProperties")));
		at = json_object_get(json_object_get(at, "properties"), key);
	}
	mem_free(copy);
	return at;
}

static void expect_in_schema(const char *path, const char *standard, void *ctx)
{
	const json_t *at = find_in_schema(ctx, path), *said;
	char *text;

	if (!at)
		print_error("%s is not in the schema\n", path);
	assert_non_null(at);
	assert_true(json_string_length(json_object_get(at, "description")) > 0);
	said = json_object_get(at, "default");
	text = json_is_real(said)      ? mem_printf("%g", json_real_value(said))
	       : json_is_integer(said) ? mem_printf("%lld", (long long)json_integer_value(said))
				     : mem_dup_str(json_string_value(said));
	assert_string_equal(text ? text : "", standard);
	mem_free(text);
}

static void test_schema_is_complete(void **state)
{
	char *path = mem_printf("%s/etc/syndicated.schema.json", source_dir);
	json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);

	(void)state;
	assert_non_null(root);
	for_each_option(expect_in_schema, root);
	json_decref(root);
	mem_free(path);
}

static const struct CMUnitTest fixed[] = {
    cmocka_unit_test(test_defaults),
    cmocka_unit_test(test_values),
    cmocka_unit_test(test_round_trip),
    cmocka_unit_test(test_files_that_cannot_be_read),
    cmocka_unit_test(test_limits),
    cmocka_unit_test(test_access),
	    cmocka_unit_test(test_secrets),
    cmocka_unit_test(test_secret_is_not_printed),
    cmocka_unit_test(test_diff),
    cmocka_unit_test(test_hosts),
    cmocka_unit_test(test_tags),
    cmocka_unit_test(test_known_sources_are_left_out),
    cmocka_unit_test(test_other_ways_to_write_sources),
    cmocka_unit_test(test_changed_sources_are_not_known),
    cmocka_unit_test(test_error_limit),
    cmocka_unit_test(test_many_sources),
    cmocka_unit_test(test_annotated_is_complete),
    cmocka_unit_test(test_annotated_webhook),
    cmocka_unit_test(test_schema_is_complete),
};
#define FIXED (sizeof(fixed) / sizeof(*fixed))

static void remove_temp_files(void)
{
	char *pattern = mem_printf("%s/*", temp_dir);
	glob_t g;

	if (glob(pattern, 0, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++)
			(void)unlink(g.gl_pathv[i]);
	globfree(&g);
	(void)rmdir(temp_dir);
	mem_free(pattern);
}

int main(void)
{
	const char *top = getenv("top_srcdir");
	struct CMUnitTest *tests;
	glob_t g;
	int failed;

	if (!realpath(top ? top : ".", source_dir) || chdir(source_dir) != 0 || chdir("tests/corpus/config") != 0 ||
	    !mkdtemp(temp_dir)) {
		perror("test_config: tests/corpus/config");
		return 99;
	}
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	if (glob("*.yaml", 0, NULL, &g) != 0 || g.gl_pathc < 20)
		return 99;
	tests = mem_new_array(struct CMUnitTest, FIXED + g.gl_pathc);
	memcpy(tests, fixed, sizeof(fixed));
	for (size_t i = 0; i < g.gl_pathc; i++)
		tests[FIXED + i] = (struct CMUnitTest){
		    .name = g.gl_pathv[i], .test_func = test_corpus_file, .initial_state = g.gl_pathv[i]};
	failed = _cmocka_run_group_tests("config", tests, FIXED + g.gl_pathc, NULL, NULL);
	mem_free(tests);
	globfree(&g);
	remove_temp_files();
	return failed;
}
