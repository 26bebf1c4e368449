/*
 * What changes by itself in a text that nobody edited (features.md B15). Counted words and those that say how long ago
 * are few in each language, so they are in a table; what the table misses is learned by the store, from items that
 * change at each poll in nothing but numbers (store/items.c). Too little masked costs some updates that say nothing; too
 * much would hide a corrected number, so a number goes only beside such a word.
 */
#include "mask.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "syndicated/base/text.h"

enum { WORD_BYTES = 40, RANDOM_BYTES = 16, RANDOM_HEX_BYTES = 8, STAMP_BYTES = 48 };

struct span {
	const char *s;
	size_t len;
};

enum { DIGIT = 1, LETTER = 2, BEYOND_ASCII = 4 };

/* This is asked of each byte of each text. */
static const unsigned char classes[256] = {
	['0' ... '9'] = DIGIT, ['A' ... 'Z'] = LETTER, ['a' ... 'z'] = LETTER, [0x80 ... 0xFF] = BEYOND_ASCII,
};

static inline bool is_class(char c, unsigned any)
{
	return classes[(unsigned char)c] & any;
}

static inline bool is_word(char c) /* letters of any script */
{
	return is_class(c, LETTER | BEYOND_ASCII);
}

/* ---- words ---- */

/* Lower case in ASCII; other scripts as they are written in the middle and at the start of a sentence. Sorted by strcmp(). */
static const char *const counted[] = {
	"answers", "antworten", "aufrufe", "beğeni", "beğenme", "bəyənmə", "baxış", "click", "clicks", "comentario", "comentarios", "comentário",
	"comentários", "comment", "commentaire", "commentaires", "comments", "commenti", "commento", "downloads", "favorites", "favourites",
	"followers", "gefällt", "görüntülenme", "görüntüleme", "hits", "impressions", "izlenme", "j'aime", "klicks", "komentar", "komentara",
	"komentari", "komentarz", "komentarze", "komentarzy", "kommentar", "kommentare", "kommentarer", "lectures", "leituras", "lecturas", "letture",
	"like", "likes", "listens", "lượt", "okunma", "oxunma", "partages", "pageviews", "plays", "pregleda", "reactie", "reacties", "reactions",
	"reads", "replies", "reply", "respostas", "respuestas", "retweets", "risposte", "réactions", "réponses", "subscribers", "upvotes", "view",
	"views", "visitas", "visite", "visitors", "visits", "vistas", "visualizações", "visualizaciones", "visualizzazioni", "vue", "vues",
	"watching", "weergaven", "wyświetleń", "wyświetlenia", "yorum", "şərh", "комментариев", "комментарии", "комментарий", "комментария",
	"Комментариев", "Комментарии", "коментара", "коментари", "Коментара", "лайков", "Лайков", "прегледа", "Прегледа", "просмотр", "просмотра",
	"просмотров", "Просмотров", "Просмотры", "прочтений", "прочитали", "переглядів", "коментарів", "回复", "回应", "次浏览", "次阅读", "次播放", "浏览",
	"点赞", "评论", "条评论", "閲覧", "阅读", "阅读量", "播放", "コメント", "件のコメント",
};
/* Words that are counted only when they stand in front, with a colon: "Points: 12", but not "lost 12 points". */
static const char *const labels[] = {
	"points", "score", "votes", "shares", "downloads", "rating", "users", "online", "stimmen", "голосов", "голоса", "рейтинг", "Рейтинг", "oy",
	"votos", "karma", "rank", "count", "counter", "total",
};
/* What follows is a time that the server wrote, not the author. */
static const char *const stamps[] = {
	"generated", "rendered", "fetched", "retrieved", "updated", "refreshed", "cached", "stand", "aktualisiert", "обновлено", "Обновлено",
	"güncellendi", "güncelleme", "yeniləndi", "actualizado", "atualizado", "aggiornato", "ažurirano",
};
static const char *const ones[] = { "a", "an", "one", "ein", "eine", "einem", "einer", "un", "una", "uma", "um" };
static const char *const ago_after[] = { "ago", "önce", "əvvəl", "evvel", "назад", "fa", "geleden", "sedan", "siden", "temu", "тому" };
static const char *const ago_before[] = { "vor", "hace", "há", "пре", "pre", "przed" };
static const char *const ago_glued[] = { "分钟前", "小时前", "天前", "秒前", "分鐘前", "小時前", "分前", "時間前", "日前", "周前" };
static const char *const advertisements[] = {
	"ad", "ads", "advert", "advertisement", "advertisements", "advertising", "advertorial", "anzeige", "annonce", "publicité", "publicidad",
	"publicidade", "pubblicità", "reklam", "reklama", "reklame", "sponsored", "sponsor", "sponsors", "werbung", "реклама", "Реклама", "РЕКЛАМА",
	"广告", "廣告", "広告", "promoted",
};
static const char *const advertisers[] = {
	"doubleclick.", "googlesyndication.", "googleadservices.", "adservice.", "/adclick", "/~ff/", "/~a/", "/~at/", "feedads.", "adsystem.",
	"taboola.", "outbrain.", "pheedo.", "rss2.ads.", "/ads/", "//ads.", "//ad.", "//adserver.", "buysellads.", "carbonads.", "criteo.",
};

static const char *const blocks[] = { "p", "div", "li", "ul", "ol", "table", "tr", "td", "aside", "section", "figure", "blockquote", "h1", "h2", "h3",
                                      "h4", "h5", "h6", "hr", "pre", "center", "footer", "header", "article", "dl", "dt", "dd" };
static const char *const places[] = { "href" };
static const char *const pictures[] = { "src", "poster" };

/* Nearly all words are in no table, and most of them are told by their length and first letter. */
struct table {
	const char *const *words;
	size_t n;
	uint64_t lengths[256]; /* of the words that begin with a byte, a bit each */
};

enum { COUNTED, LABELS, STAMPS, ONES, AGO_AFTER, AGO_BEFORE, ADVERTISEMENTS, BLOCKS, PLACES, PICTURES, TABLES };
_Static_assert(WORD_BYTES <= 64, "a length has a bit");

#define TABLE(list) { .words = (list), .n = sizeof(list) / sizeof((list)[0]) }
static struct table tables[TABLES] = {
	[COUNTED] = TABLE(counted), [LABELS] = TABLE(labels), [STAMPS] = TABLE(stamps), [ONES] = TABLE(ones), [AGO_AFTER] = TABLE(ago_after),
	[AGO_BEFORE] = TABLE(ago_before), [ADVERTISEMENTS] = TABLE(advertisements), [BLOCKS] = TABLE(blocks), [PLACES] = TABLE(places),
	[PICTURES] = TABLE(pictures),
};
static pthread_once_t tables_are_read = PTHREAD_ONCE_INIT;

static void read_tables(void)
{
	for (struct table *t = tables; t < tables + TABLES; t++) {
		for (size_t i = 0; i < t->n; i++)
			t->lengths[(unsigned char)t->words[i][0]] |= (uint64_t)1 << strlen(t->words[i]);
	}
}

static bool is_in(const struct table *t, struct span w)
{
	char low[WORD_BYTES];

	for (size_t i = 0; i < w.len; i++)
		low[i] = text_lower(w.s[i]);
	low[w.len] = '\0';
	for (size_t i = 0; i < t->n; i++)
		if (t->words[i][0] == low[0] && strcmp(t->words[i], low) == 0)
			return true;
	return false;
}

static inline bool one_of(int table, struct span w)
{
	const struct table *t = &tables[table];

	return w.len > 0 && w.len < WORD_BYTES && (t->lengths[(unsigned char)text_lower(*w.s)] >> w.len & 1) && is_in(t, w);
}

/* ---- URLs ---- */

/* Hexadecimal with a digit in it, or letters and digits in a wild mixture: nobody has written that. */
static bool is_random(struct span w)
{
	size_t digits = 0, hex = 0, turns = 0;

	for (size_t i = 0; i < w.len; i++) {
		char c = text_lower(w.s[i]);
		bool digit = text_is_digit(c);

		digits += digit;
		hex += digit || (c >= 'a' && c <= 'f');
		turns += i > 0 && digit != text_is_digit(w.s[i - 1]);
	}
	if (digits == w.len)
		return digits >= 9; /* a time in seconds or more */
	if (digits == 0)
		return false;
	return (hex == w.len && w.len >= RANDOM_HEX_BYTES) || (w.len >= RANDOM_BYTES && turns >= 4);
}

static size_t run_of_alnum(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && is_class(s[n], DIGIT | LETTER))
		n++;
	return n;
}

static size_t run_of_words(const char *s, const char *end)
{
	const char *from = s;

	while (s < end && (is_word(*s) || *s == '\''))
		s++;
	return (size_t)(s - from);
}

void mask_url(const char *s, size_t len, struct buf *out)
{
	for (size_t at = 0; at < len && s[at] != '?' && s[at] != '#';) {
		size_t n = run_of_alnum(s + at, len - at);

		if (n == 0)
			buf_append_char(out, s[at++]);
		else if (is_random((struct span){ s + at, n }))
			buf_append_char(out, '*');
		else
			buf_append(out, s + at, n);
		at += n;
	}
}

static bool is_advertiser(const char *s, size_t len)
{
	for (size_t i = 0; i < sizeof(advertisers) / sizeof(*advertisers); i++)
		if (memmem(s, len, advertisers[i], strlen(advertisers[i])))
			return true;
	return false;
}

/* ---- markup ---- */

struct mask {
	struct buf *out;
	const char *begin, *at, *end;
	struct span before;  /* the last word */
	bool has_colon;      /* nothing but a colon and space since it */
	bool in_stamp;       /* in a line that says when the page was made */
	size_t stamp_left;
	size_t block_begins; /* in out */
	bool block_is_ad;
	bool block_has_words;
};

static void begin_block(struct mask *m)
{
	if (m->block_is_ad && m->out->bytes) {
		m->out->len = m->block_begins;
		m->out->bytes[m->out->len] = '\0';
	}
	m->block_begins = m->out->len;
	m->block_is_ad = false;
	m->block_has_words = false;
	m->before = (struct span){ NULL, 0 };
	m->in_stamp = false;
}

/* The address in an attribute's value: of pictures only the name of the file, since their servers take turns. */
static void put_address(struct mask *m, struct span value, bool is_picture)
{
	if (!m->block_has_words && is_advertiser(value.s, value.len)) {
		m->block_is_ad = true;
		buf_append_str(m->out, "ad");
		return;
	}
	if (is_picture) {
		size_t n = 0, from = 0;

		while (n < value.len && value.s[n] != '?' && value.s[n] != '#')
			n++;
		for (size_t i = 0; i < n; i++)
			if (value.s[i] == '/' && i + 1 < n)
				from = i + 1;
		value = (struct span){ value.s + from, n - from };
	}
	mask_url(value.s, value.len, m->out);
}

static void read_attribute(struct mask *m, struct span name, struct span value)
{
	if (one_of(PLACES, name))
		put_address(m, value, false);
	else if (one_of(PICTURES, name))
		put_address(m, value, true);
}

static struct span read_name(const char **at, const char *end)
{
	struct span w = { *at, 0 };

	while (*at < end && (is_word(**at) || text_is_digit(**at) || **at == '-'))
		++*at;
	w.len = (size_t)(*at - w.s);
	return w;
}

/* The cleaner writes name="value" and nothing else. */
static void read_attributes(struct mask *m, const char *at, const char *end)
{
	while (at < end) {
		struct span name = read_name(&at, end), value;
		const char *close;

		if (name.len == 0 || end - at < 2 || at[0] != '=' || at[1] != '"') {
			at += name.len == 0;
			continue;
		}
		close = memchr(at + 2, '"', (size_t)(end - at - 2));
		if (!close)
			return;
		value = (struct span){ at + 2, (size_t)(close - at - 2) };
		read_attribute(m, name, value);
		at = close + 1;
	}
}

/* The end of the tag at m->at, behind ">"; an ">" in a value does not end it. NULL: it is no tag. */
static const char *tag_end(const struct mask *m)
{
	bool quoted = false;

	for (const char *s = m->at + 1; s < m->end; s++) {
		if (*s == '"')
			quoted = !quoted;
		else if (*s == '>' && !quoted)
			return s + 1;
		else if (*s == '<' && !quoted)
			return NULL;
	}
	return NULL;
}

static bool read_tag(struct mask *m)
{
	const char *at = m->at + 1, *end;
	bool closing = at < m->end && *at == '/';
	struct span name;

	at += closing;
	if (at >= m->end || !is_word(*at) || (end = tag_end(m)) == NULL)
		return false;
	name = read_name(&at, end);
	if (one_of(BLOCKS, name))
		begin_block(m);
	if (!closing) {
		buf_append_char(m->out, '<');
		buf_append(m->out, name.s, name.len);
		read_attributes(m, at, end);
		buf_append_char(m->out, '>');
	}
	m->at = end;
	return true;
}

/* ---- text ---- */

static struct span next_word(const char *s, const char *end)
{
	while (s < end && (*s == ' ' || *s == '(' || *s == '['))
		s++;
	return (struct span){ s, run_of_words(s, end) };
}

static bool begins_with(struct span w, const char *const *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (w.len >= strlen(table[i]) && memcmp(w.s, table[i], strlen(table[i])) == 0)
			return true;
	return false;
}

static bool is_il_y_a(const struct mask *m)
{
	return m->before.len == 1 && *m->before.s == 'a' && m->before.s - m->begin >= 5 && text_has_prefix_nocase(m->before.s - 5, "il y ");
}

/* How far the words of "5 minutes ago" reach behind the number at m->at; 0: it is no such thing. */
static size_t ago_length(const struct mask *m, const char *behind)
{
	struct span unit = next_word(behind, m->end), after;

	if (unit.len == 0 || unit.len >= WORD_BYTES)
		return 0;
	if (begins_with(unit, ago_glued, sizeof(ago_glued) / sizeof(*ago_glued)))
		return (size_t)(unit.s - m->at) + unit.len;
	after = next_word(unit.s + unit.len, m->end);
	if (one_of(AGO_AFTER, after))
		return (size_t)(after.s - m->at) + after.len;
	if (one_of(AGO_BEFORE, m->before) || is_il_y_a(m))
		return (size_t)(unit.s - m->at) + unit.len;
	return 0;
}

/* "1,234", "1.234", "12.3k", "12:30:05" */
static const char *number_end(const char *s, const char *end)
{
	while (s < end && (text_is_digit(*s) || ((*s == ',' || *s == '.' || *s == ':') && s + 1 < end && text_is_digit(s[1]))))
		s++;
	if (s < end && (text_lower(*s) == 'k' || text_lower(*s) == 'm') && (s + 1 == end || !is_word(s[1])))
		s++;
	return s;
}

static void skip_ago(struct mask *m, size_t len)
{
	buf_append_char(m->out, '~');
	m->at += len;
	m->before = (struct span){ NULL, 0 };
}

static void read_number(struct mask *m)
{
	const char *behind = number_end(m->at, m->end);
	size_t ago = ago_length(m, behind);
	struct span next = next_word(behind, m->end);
	bool counts = one_of(COUNTED, next) || (m->has_colon && (one_of(LABELS, m->before) || one_of(COUNTED, m->before)));

	if (ago) {
		skip_ago(m, ago);
		return;
	}
	if (counts || m->in_stamp)
		buf_append_char(m->out, '#');
	else
		buf_append(m->out, m->at, (size_t)(behind - m->at));
	m->at = behind;
	m->has_colon = false;
}

/* "Advertisement", "Ad: buy this": a label, and no sentence that begins with the word. */
static bool is_label(const struct mask *m, struct span w)
{
	const char *s = m->at;

	while (s < m->end && *s == ' ')
		s++;
	return one_of(ADVERTISEMENTS, w) && (s == m->end || strchr(":<|-]", *s));
}

/* Words and the numbers glued to them. */
static void read_word(struct mask *m)
{
	struct span w = { m->at, 0 };
	size_t alnum = 0, ago;

	w.len = run_of_words(m->at, m->end);
	if (w.s + w.len < m->end && text_is_digit(w.s[w.len])) /* what is random has digits in it */
		alnum = run_of_alnum(m->at, (size_t)(m->end - m->at));
	if (alnum >= RANDOM_HEX_BYTES && is_random((struct span){ m->at, alnum })) {
		buf_append_char(m->out, '*');
		m->at += alnum;
		return;
	}
	m->at += w.len;
	if (one_of(ONES, w) && (ago = ago_length(m, m->at)) > 0) {
		skip_ago(m, ago);
		return;
	}
	if (!m->block_has_words)
		m->block_is_ad |= is_label(m, w);
	m->block_has_words = true;
	if (one_of(STAMPS, w)) {
		m->in_stamp = true;
		m->stamp_left = STAMP_BYTES;
	}
	buf_append(m->out, w.s, w.len);
	m->before = w;
	m->has_colon = false;
}

static void read_other(struct mask *m)
{
	char c = *m->at++;

	if (c == '\n' || (c == '.' && m->at < m->end && *m->at == ' '))
		m->in_stamp = false;
	if (text_is_space(c)) {
		if (m->out->len && m->out->bytes[m->out->len - 1] != ' ')
			buf_append_char(m->out, ' ');
		return;
	}
	if (c == ':' || c == '(')
		m->has_colon = true;
	else
		m->before = (struct span){ NULL, 0 };
	buf_append_char(m->out, c);
}

void mask_volatile(const char *s, struct buf *out)
{
	struct mask m = { .out = out, .begin = s, .at = s, .end = s + strlen(s), .block_begins = out->len };

	(void)pthread_once(&tables_are_read, read_tables);
	while (m.at < m.end && out->error == 0) {
		if (*m.at == '<' && read_tag(&m))
			continue;
		if (text_is_digit(*m.at) && run_of_alnum(m.at, (size_t)(m.end - m.at)) < RANDOM_HEX_BYTES)
			read_number(&m);
		else if (is_word(*m.at) || text_is_digit(*m.at)) {
			const char *before = m.at;

			read_word(&m);
			if (m.at == before)
				read_number(&m);
		} else {
			read_other(&m);
		}
		if (m.in_stamp && m.stamp_left-- == 0)
			m.in_stamp = false;
	}
	begin_block(&m);
}

void mask_all_but_words(const char *s, struct buf *out)
{
	char *room = buf_reserve(out, strlen(s)), *to = room;

	while (room && *s) {
		if (*s == '<') {
			s = strchr(s, '>');
			if (!s)
				break;
		}
		*to = text_lower(*s);
		to += is_word(*s++);
	}
	if (room)
		buf_grew(out, (size_t)(to - room));
}

void mask_title(const char *s, struct buf *out)
{
	for (; *s; s++)
		if (is_word(*s) || text_is_digit(*s) || *s == '#')
			buf_append_char(out, text_lower(*s));
}
