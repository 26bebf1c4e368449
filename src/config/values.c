/* From the text of one value to its place in a struct, and back. */
#include <stdio.h>
#include <string.h>

#include "options.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/net/policy.h"
#include "syndicated/net/server.h"

#define LIST_ITEMS_MAX 10000u
#define CREDENTIALS    "${CREDENTIALS_DIRECTORY}"

bool name_is_valid(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > NAME_BYTES_MAX || name[0] == '-')
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* Host and port behind "://": a bracketed IPv6 address or a name, then perhaps a port. */
static int check_authority(const char *s, size_t len, struct err *err)
{
	const char *at = memchr(s, '@', len), *host = at ? at + 1 : s, *end = s + len, *colon;
	char port[8];
	int64_t number;

	if (host < end && *host == '[') {
		colon = memchr(host, ']', (size_t)(end - host));
		if (!colon)
			return err_set(err, ERR_INVALID, "the URL has '[' without ']'");
		colon++;
	} else {
		colon = memchr(host, ':', (size_t)(end - host));
	}
	if (host == end || colon == host)
		return err_set(err, ERR_INVALID, "the URL has no host");
	if (!colon || colon == end)
		return 0;
	if (*colon != ':' || (size_t)(end - colon) > sizeof(port))
		return err_set(err, ERR_INVALID, "the URL has no valid port");
	memcpy(port, colon + 1, (size_t)(end - colon - 1));
	port[end - colon - 1] = '\0';
	if (!text_to_int64(port, 1, 65535, &number))
		return err_set(err, ERR_INVALID, "the URL has no valid port");
	return 0;
}

static size_t scheme_length(const char *url)
{
	if (text_has_prefix_nocase(url, "http://"))
		return 7;
	return text_has_prefix_nocase(url, "https://") ? 8 : 0;
}

int url_check(const char *url, struct err *err)
{
	size_t scheme = scheme_length(url);

	if (scheme == 0)
		return err_set(err, ERR_INVALID, "a URL must begin with http:// or https://");
	if (strlen(url) > LIMIT_URL_BYTES)
		return err_set(err, ERR_INVALID, "the URL is longer than %u bytes", LIMIT_URL_BYTES);
	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '"' || *p == '<' || *p == '>' || *p == '\\')
			return err_set(err, ERR_INVALID, "the URL holds a character that no URL may hold");
	return check_authority(url + scheme, strcspn(url + scheme, "/?#"), err);
}

void url_make_name(const char *url, char out[NAME_BYTES_MAX + 1])
{
	const char *p = url + scheme_length(url), *at = strchr(p, '@'), *end = p + strcspn(p, "?#");
	size_t len = 0;

	if (at && at < p + strcspn(p, "/?#"))
		p = at + 1;
	if (text_has_prefix_nocase(p, "www."))
		p += 4;
	for (; p < end && len < NAME_BYTES_MAX; p++) {
		char c = text_lower(*p);

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			out[len++] = c;
		else if (len > 0 && out[len - 1] != '-')
			out[len++] = '-';
	}
	while (len > 0 && out[len - 1] == '-')
		len--;
	out[len] = '\0';
	if (len == 0)
		(void)snprintf(out, NAME_BYTES_MAX + 1, "source");
}

const char *option_expects(const struct option *o)
{
	static const char *const texts[] = {
	    [OPTION_TEXT] = "text",
	    [OPTION_URL] = "a URL",
	    [OPTION_NAME] = "a name",
	    [OPTION_PATH] = "a path",
	    [OPTION_SECRET_FILE] = "the path of a file",
	    [OPTION_PROXY] = "a proxy such as http://proxy.example:3128",
	    [OPTION_PATTERN] = "a regular expression",
	    [OPTION_DURATION] = "a duration such as 15m",
	    [OPTION_SIZE] = "a size such as 16MiB",
	    [OPTION_INTEGER] = "a whole number",
	    [OPTION_SHARE] = "a number from 0 to 1 such as 0.25",
	    [OPTION_INITIAL] = "none, all or a number",
	    [OPTION_CHOICE] = "a word",
	    [OPTION_SWITCH] = "a word",
	    [OPTION_TEXTS] = "a list of words such as [news, sport]",
	    [OPTION_NAMES] = "a list of names",
	    [OPTION_ADDRESSES] = "an address such as 127.0.0.1:8780, or a list of them",
	    [OPTION_NETWORKS] = "a list of networks such as [10.0.0.0/8]",
	    [OPTION_HEADERS] = "a list of header fields such as [\"X-Api-Version: 2\"]",
	    [OPTION_INCLUDE] = "a directory, or a list of files and directories",
	    [OPTION_SOURCES] = "a list of sources",
	    [OPTION_FEEDS] = "a list of feeds",
	    [OPTION_WEBHOOKS] = "a list of webhooks",
	    [OPTION_HOSTS] = "a list of hosts",
	    [OPTION_TAGS] = "a list of tags",
	};

	return texts[o->type];
}

static int parse_text(const struct option *o, const char *text, char **slot, struct err *err)
{
	size_t len = strlen(text);

	if (len == 0)
		return err_set(err, ERR_INVALID, "must not be empty");
	if (len > (size_t)o->max)
		return err_set(err, ERR_INVALID, "must not be longer than %lld bytes", (long long)o->max);
	if (strpbrk(text, "\r\n"))
		return err_set(err, ERR_INVALID, "must be one line");
	mem_set_str(slot, text);
	return 0;
}

static int parse_name(const char *text, char **slot, struct err *err)
{
	if (!name_is_valid(text))
		return err_set(
		    err, ERR_INVALID,
		    "'%.80s' is not a name: use a to z, 0 to 9 and '-', at most %u characters, not '-' first", text,
		    NAME_BYTES_MAX);
	mem_set_str(slot, text);
	return 0;
}

static int parse_path(const struct option *o, const char *text, const char *dir, char **slot, struct err *err)
{
	int r = parse_text(o, text, slot, err);
	char *absolute;

	if (r < 0 || text[0] == '/' || text_has_prefix(text, "${"))
		return r;
	absolute = mem_printf("%s%s%s", dir, strcmp(dir, "/") == 0 ? "" : "/", text);
	r = parse_text(o, absolute, slot, err);
	mem_free(absolute);
	return r;
}

static int check_expansion(const char *text, struct err *err)
{
	const char *dollar = strstr(text, "${");

	if (!dollar || (dollar == text && text_has_prefix(text, CREDENTIALS "/") && !strstr(text + 2, "${")))
		return 0;
	return err_set(err, ERR_INVALID,
		       "only " CREDENTIALS " is expanded, and only at the beginning of a secret-file");
}

static int parse_number(const struct option *o, int64_t number, void (*format)(int64_t, char[32]), int64_t *slot,
			struct err *err)
{
	char low[32], high[32];

	if (number >= o->min && number <= o->max) {
		*slot = number;
		return 0;
	}
	format(o->min, low);
	format(o->max, high);
	return err_set(err, ERR_INVALID, "must be between %s and %s", low, high);
}

static void format_integer(int64_t n, char out[32])
{
	(void)snprintf(out, 32, "%lld", (long long)n);
}

static int refuse(const struct option *o, const char *text, struct err *err)
{
	return err_set(err, ERR_INVALID, "expected %s, got '%.80s'", option_expects(o), text);
}

/* At most three places: "0", "1", "0.25". */
static bool parse_share(const char *text, int64_t *ret)
{
	size_t places = strlen(text) > 2 ? strlen(text) - 2 : 0;
	int64_t whole = text[0] - '0', rest = 0;

	if ((text[0] != '0' && text[0] != '1') || (text[1] != '\0' && text[1] != '.') || places > 3 || (text[1] == '.' && places == 0))
		return false;
	if (places && !text_to_int64(text + 2, 0, 999, &rest))
		return false;
	if (places && (text[2] < '0' || text[2] > '9'))
		return false;
	for (; places && places < 3; places++)
		rest *= 10;
	*ret = 1000 * whole + rest;
	return *ret <= 1000;
}

static void format_share(int64_t permille, char out[32])
{
	size_t len = (size_t)snprintf(out, 32, "%lld.%03lld", (long long)(permille / 1000), (long long)(permille % 1000));

	while (out[len - 1] == '0')
		out[--len] = '\0';
	if (out[len - 1] == '.')
		out[len - 1] = '\0';
}

static int parse_quantity(const struct option *o, const char *text, int64_t *slot, struct err *err)
{
	int64_t number = 0;

	switch ((int)o->type) {
	case OPTION_DURATION:
		return text_to_duration_ms(text, &number) ? parse_number(o, number, text_from_duration_ms, slot, err)
							  : refuse(o, text, err);
	case OPTION_SIZE:
		return text_to_size_bytes(text, &number) ? parse_number(o, number, text_from_size_bytes, slot, err)
							 : refuse(o, text, err);
	case OPTION_SHARE:
		return parse_share(text, &number) ? parse_number(o, number, format_share, slot, err) : refuse(o, text, err);
	case OPTION_INITIAL:
		if (strcmp(text, "none") == 0 || strcmp(text, "all") == 0) {
			*slot = text[0] == 'n' ? INITIAL_NONE : INITIAL_ALL;
			return 0;
		}
		break;
	default:
		break;
	}
	return text_to_int64(text, INT64_MIN, INT64_MAX, &number) ? parse_number(o, number, format_integer, slot, err)
								  : refuse(o, text, err);
}

static int refuse_word(const struct option *o, const char *text, struct err *err)
{
	struct buf words = BUF_INIT(512);
	int r;

	for (const struct choice *c = o->choices; c->word; c++)
		buf_append_printf(&words, "%s%s", c == o->choices ? "" : c[1].word ? ", " : " or ", c->word);
	r = err_set(err, ERR_INVALID, "expected %s, got '%.80s'", buf_str(&words), text);
	buf_done(&words);
	return r;
}

static int parse_choice(const struct option *o, const char *text, char *slot, struct err *err)
{
	for (const struct choice *c = o->choices; c->word; c++) {
		bool on = c->value != 0;

		if (strcmp(c->word, text) != 0)
			continue;
		if (o->type == OPTION_SWITCH)
			memcpy(slot, &on, sizeof(on));
		else
			memcpy(slot, &c->value, sizeof(c->value));
		return 0;
	}
	return refuse_word(o, text, err);
}

/* No credentials in it, since a configuration is printed; no path, since a proxy has none. */
static int parse_proxy(const char *text, char **slot, struct err *err)
{
	const char *host = text_has_prefix(text, "http://") ? text + 7 : text_has_prefix(text, "socks5://") ? text + 9 : NULL;
	const char *colon = host ? strrchr(host, ':') : NULL;
	int64_t port;

	if (strcmp(text, "none") != 0 && (!colon || colon == host || strpbrk(host, "/@?# \t\"\\") || strlen(text) > 300 ||
					  !text_to_int64(colon + 1, 1, 65535, &port)))
		return err_set(err, ERR_INVALID, "expected http://HOST:PORT, socks5://HOST:PORT or none, got '%.80s'", text);
	mem_set_str(slot, text);
	return 0;
}

/* Fields that this program speaks for itself: whoever could set them could break framing, politeness or R26. */
static bool is_ours(const char *name, size_t len)
{
	static const char *const names[] = {"Host", "Connection", "Content-Length", "Transfer-Encoding", "TE", "Upgrade", "If-None-Match",
					    "If-Modified-Since", "Accept-Encoding", "A-IM", "User-Agent", "Range", "Cookie", "Proxy-Authorization"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len && text_has_prefix_nocase(name, names[i]))
			return true;
	return false;
}

static int check_header(const char *text, struct err *err)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	size_t len = strspn(text, token);

	if (len == 0 || text[len] != ':' || text[len + 1] == '\0')
		return err_set(err, ERR_INVALID, "'%.80s' is not a header field such as \"X-Api-Version: 2\"", text);
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(err, ERR_INVALID, "a header field must not hold control characters");
	if (is_ours(text, len))
		return err_set(err, ERR_INVALID, "%.*s cannot be set here", (int)len, text);
	return 0;
}

static int parse_element(const struct option *o, const char *text, struct string_list *list, struct err *err)
{
	char *checked = NULL;
	int r = 0;

	if (o->type == OPTION_ADDRESSES && !server_address_is_valid(text))
		r = err_set(err, ERR_INVALID, "'%.80s' is not an address such as 127.0.0.1:8780, [::1]:8780 or :8780",
			    text);
	else if (o->type == OPTION_NETWORKS && !policy_network_is_valid(text))
		r = err_set(err, ERR_INVALID, "'%.80s' is not a network such as 10.0.0.0/8 or fd00::/8", text);
	else if (o->type == OPTION_NAMES)
		r = parse_name(text, &checked, err);
	else if (o->type == OPTION_TEXTS || o->type == OPTION_HEADERS)
		r = parse_text(o, text, &checked, err);
	if (r == 0 && o->type == OPTION_HEADERS)
		r = check_header(text, err);
	if (r == 0 && list->n >= LIST_ITEMS_MAX)
		r = err_set(err, ERR_TOO_BIG, "the list has more than %u elements", LIST_ITEMS_MAX);
	if (r == 0 && !string_list_has(list, text))
		string_list_add(list, text);
	mem_free(checked);
	return r;
}

int option_parse(const struct option *o, const char *text, const char *dir, void *base, struct err *err)
{
	void *slot = (char *)base + o->offset;
	int r;

	switch (o->type) {
	case OPTION_TEXT:
	case OPTION_PATTERN:
		return parse_text(o, text, slot, err);
	case OPTION_URL:
		r = url_check(text, err);
		if (r == 0)
			mem_set_str(slot, text);
		return r;
	case OPTION_NAME:
		return parse_name(text, slot, err);
	case OPTION_PROXY:
		return parse_proxy(text, slot, err);
	case OPTION_PATH:
		return parse_path(o, text, dir, slot, err);
	case OPTION_SECRET_FILE:
		r = check_expansion(text, err);
		return r < 0 ? r : parse_path(o, text, dir, slot, err);
	case OPTION_DURATION:
	case OPTION_SIZE:
	case OPTION_INTEGER:
	case OPTION_SHARE:
	case OPTION_INITIAL:
		return parse_quantity(o, text, slot, err);
	case OPTION_CHOICE:
	case OPTION_SWITCH:
		return parse_choice(o, text, slot, err);
	case OPTION_TEXTS:
	case OPTION_NAMES:
	case OPTION_ADDRESSES:
	case OPTION_NETWORKS:
	case OPTION_HEADERS:
		return parse_element(o, text, slot, err);
	case OPTION_INCLUDE:
	case OPTION_SOURCES:
	case OPTION_FEEDS:
	case OPTION_WEBHOOKS:
	case OPTION_HOSTS:
	case OPTION_TAGS:
		break;
	}
	return err_set(err, ERR_UNSUPPORTED, "expected %s", option_expects(o));
}

/* Plain where that is safe also inside "[a, b]"; else in double quotes, the one style that can hold everything. */
void yaml_append_text(struct buf *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_-:%=+@";
	size_t len = strlen(text);
	char first = text[0];
	bool is_word = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') ||
		       (first >= '0' && first <= '9') || first == '/';

	if (is_word && strspn(text, plain) == len && text[len - 1] != ':' && strcmp(text, "null") != 0) {
		buf_append_str(out, text);
		return;
	}
	buf_append_char(out, '"');
	for (const char *p = text; *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_append_printf(out, "\\%c", *p);
		else if ((unsigned char)*p < 0x20)
			buf_append_printf(out, "\\x%02x", (unsigned)(unsigned char)*p);
		else
			buf_append_char(out, *p);
	}
	buf_append_char(out, '"');
}

static void format_list(const struct string_list *list, struct buf *out)
{
	buf_append_char(out, '[');
	for (size_t i = 0; i < list->n; i++) {
		buf_append_str(out, i > 0 ? ", " : "");
		yaml_append_text(out, list->items[i]);
	}
	buf_append_char(out, ']');
}

static void format_choice(const struct option *o, const char *slot, struct buf *out)
{
	int value = 0;
	bool on = false;

	memcpy(&value, slot, o->type == OPTION_CHOICE ? sizeof(value) : 0);
	if (o->type == OPTION_SWITCH) {
		memcpy(&on, slot, sizeof(on));
		value = on;
	}
	for (const struct choice *c = o->choices; c->word; c++)
		if (c->value == value)
			buf_append_str(out, c->word);
}

static void format_quantity(const struct option *o, int64_t n, struct buf *out)
{
	char text[32];

	if (o->type == OPTION_DURATION)
		text_from_duration_ms(n, text);
	else if (o->type == OPTION_SIZE)
		text_from_size_bytes(n, text);
	else if (o->type == OPTION_SHARE)
		format_share(n, text);
	else
		format_integer(n, text);
	if (o->type == OPTION_INITIAL && n <= 0)
		buf_append_str(out, n == INITIAL_NONE ? "none" : "all");
	else
		buf_append_str(out, text);
}

void option_format(const struct option *o, const void *base, struct buf *out)
{
	const void *slot = (const char *)base + o->offset;

	if (!option_is_set(o, base))
		return;
	if (option_is_list(o))
		format_list(slot, out);
	else if (o->type == OPTION_CHOICE || o->type == OPTION_SWITCH)
		format_choice(o, slot, out);
	else if (option_is_number(o))
		format_quantity(o, *(const int64_t *)slot, out);
	else
		yaml_append_text(out, *(char *const *)slot);
}
