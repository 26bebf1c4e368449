#include "feeds.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/mem.h"

enum { ITEMS = 30, ITEM_HTML_BYTES = 1760 };

static uint32_t state;

static uint32_t below(uint32_t n) /* a linear congruence: the same documents everywhere */
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % n;
}

static const char *word(void)
{
	static const char *const words[] = {
		"harbour", "ferry", "the", "of", "and", "pier", "season", "a", "office", "in", "repair", "to", "timetable", "morning", "water",
		"captain", "said", "council", "new", "for", "island", "bridge", "was", "report", "caf\303\251", "weather", "storm", "market", "with",
		"passenger", "ticket", "on", "engine", "lighthouse", "\346\270\257", "winter", "is", "school", "from", "M\303\266we",
	};

	return words[below(sizeof(words) / sizeof(words[0]))];
}

static void append_words(struct buf *b, unsigned n)
{
	while (n-- > 0)
		buf_append_printf(b, n ? "%s " : "%s", word());
}

/* One of the constructs that blogs are made of. */
static void append_markup(struct buf *b, unsigned which)
{
	static const char *const inline_tags[] = {"em", "strong", "code", "i", "b"};
	const char *tag = inline_tags[below(5)];

	if (which == 0) {
		buf_append_printf(b, "&lt;a href=\"https://example.org/%s/%u?line=%u&amp;amp;x=1\"&gt;", word(), below(100000), below(10));
		append_words(b, 3);
		buf_append_str(b, "&lt;/a&gt; ");
	} else if (which == 1) {
		buf_append_printf(b, "&lt;img src=\"/pictures/%u.jpg\" alt=\"%s %s\" width=\"640\" height=\"480\" class=\"wide\" /&gt; ", below(100000), word(), word());
	} else if (which == 2) {
		buf_append_printf(b, "&lt;%s&gt;", tag);
		append_words(b, 2);
		buf_append_printf(b, "&lt;/%s&gt;, ", tag);
	} else {
		append_words(b, 8 + below(12));
		buf_append_str(b, below(4) ? ". " : " &amp;amp; ");
	}
}

static void append_html(struct buf *b)
{
	size_t end = b->len + ITEM_HTML_BYTES - 100 + below(200);

	while (b->len < end) {
		bool list = below(5) == 0;

		buf_append_str(b, list ? "&lt;ul&gt;\n&lt;li&gt;" : "&lt;p class=\"t\"&gt;");
		for (unsigned k = 3 + below(4); k > 0; k--)
			append_markup(b, below(6));
		buf_append_str(b, list ? "&lt;/li&gt;&lt;li&gt;" : "");
		append_words(b, 5);
		buf_append_str(b, list ? "&lt;/li&gt;\n&lt;/ul&gt;\n" : "&lt;/p&gt;\n");
	}
}

static void append_rss_item(struct buf *b, unsigned i)
{
	buf_append_str(b, "<item>\n  <title>");
	append_words(b, 6);
	buf_append_printf(b, "</title>\n  <link>https://example.org/%s/%u</link>\n  <guid isPermaLink=\"false\">tag:%u</guid>\n"
	                     "  <pubDate>Mon, %02u Nov 2026 09:%02u:00 GMT</pubDate>\n  <dc:creator>%s</dc:creator>\n  <category>%s</category>\n  <description>",
	                  word(), below(1000000), below(1000000000), 1 + i % 28, i % 60, word(), word());
	append_html(b);
	buf_append_str(b, "</description>\n</item>\n");
}

static void append_atom_entry(struct buf *b, unsigned i)
{
	buf_append_str(b, "<entry>\n  <title>");
	append_words(b, 6);
	buf_append_printf(b, "</title>\n  <link rel=\"alternate\" type=\"text/html\" href=\"https://example.org/%s/%u\"/>\n  <id>urn:x:%u</id>\n"
	                     "  <updated>2026-11-%02uT09:%02u:00Z</updated>\n  <author><name>%s</name></author>\n  <category term=\"%s\"/>\n  <content type=\"html\">",
	                  word(), below(1000000), below(1000000000), 1 + i % 28, i % 60, word(), word());
	append_html(b);
	buf_append_str(b, "</content>\n</entry>\n");
}

static void generate(struct feed_file *f, bool atom)
{
	struct buf b = BUF_INIT(1u << 20);

	buf_append_str(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	buf_append_str(&b, atom ? "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Harbour</title><id>urn:h</id><link href=\"https://example.org/\"/><updated>2026-11-23T09:00:00Z</updated>\n"
	                        : "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Harbour</title><link>https://example.org/</link><description>News</description>\n");
	for (unsigned i = 0; i < ITEMS; i++) {
		if (atom)
			append_atom_entry(&b, i);
		else
			append_rss_item(&b, i);
	}
	buf_append_str(&b, atom ? "</feed>\n" : "</channel></rss>\n");
	if (buf_take(&b, &f->bytes, &f->len) < 0)
		exit(EXIT_FAILURE);
}

static struct feed_file *add(struct feed_set *set)
{
	set->files = mem_resize_array(set->files, set->n + 1, sizeof(*set->files));
	set->files[set->n] = (struct feed_file){0};
	return &set->files[set->n++];
}

void feed_set_generate(struct feed_set *set, size_t n)
{
	state = 1;
	for (size_t i = 0; i < n; i++) {
		struct feed_file *f = add(set);

		generate(f, i % 2);
		set->bytes += f->len;
	}
}

static bool read_file(const char *path, struct feed_file *f)
{
	struct buf b = BUF_INIT(64u << 20);
	struct stat st;
	FILE *in = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "rb") : NULL;
	size_t n = 1;
	char *room;

	while (in && n > 0 && (room = buf_reserve(&b, 1 << 16))) {
		n = fread(room, 1, 1 << 16, in);
		buf_grew(&b, n);
	}
	if (in)
		(void)fclose(in);
	return in && b.len > 0 && buf_take(&b, &f->bytes, &f->len) == 0;
}

void feed_set_read(struct feed_set *set, const char *directory, bool (*keep)(const struct feed_file *f))
{
	struct dirent **entries = NULL;
	int n = scandir(directory, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		auto_free char *path = mem_printf("%s/%s", directory, entries[i]->d_name);
		struct feed_file f = {0};

		if (read_file(path, &f) && keep(&f)) {
			*add(set) = f;
			set->bytes += f.len;
		} else {
			mem_free(f.bytes);
		}
		free(entries[i]);
	}
	free(entries);
}

void feed_set_write(const struct feed_set *set, const char *directory)
{
	for (size_t i = 0; i < set->n; i++) {
		auto_free char *path = mem_printf("%s/%02zu.xml", directory, i);
		FILE *f = fopen(path, "wb");

		if (!f || fwrite(set->files[i].bytes, 1, set->files[i].len, f) != set->files[i].len || fclose(f) != 0) {
			(void)fprintf(stderr, "cannot write %s\n", path);
			exit(EXIT_FAILURE);
		}
	}
}

void feed_set_done(struct feed_set *set)
{
	while (set->n > 0)
		mem_free(set->files[--set->n].bytes);
	mem_free(set->files);
	*set = (struct feed_set){0};
}
