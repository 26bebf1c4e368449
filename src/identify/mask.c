/*
 * What changes by itself in a text that nobody edited (features.md B15). Counted words and those that say how long ago
 * are few in each language, so they are in a table; what the table misses is learned by the store, from items that
 * change at each poll in nothing but numbers (store/items.c). Too little masked costs some updates that say nothing; too
 * much would hide a corrected number, so a number goes only beside such a word.
 */
#include "mask.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "syndicated/base/text.h"

enum { WORD_BYTES = 40, RANDOM_BYTES = 16, RANDOM_HEX_BYTES = 8, STAMP_BYTES = 48, GLANCE = 16 };

struct span {
	const char *s;
	size_t len;
};

/* What a byte may be part of; a NUL, which ends each text, of nothing. */
enum { DIGIT = 1, LETTER = 2, BEYOND_ASCII = 4, APOSTROPHE = 8, HYPHEN = 16, WORD = LETTER | BEYOND_ASCII, ALNUM = DIGIT | LETTER };

/* This is asked of each byte of each text. */
static const unsigned char classes[256] = {
	['0' ... '9'] = DIGIT, ['A' ... 'Z'] = LETTER, ['a' ... 'z'] = LETTER, [0x80 ... 0xFF] = BEYOND_ASCII, ['\''] = APOSTROPHE, ['-'] = HYPHEN,
};

static inline bool is_class(char c, unsigned any)
{
	return classes[(unsigned char)c] & any;
}

static inline size_t run_of(const char *s, unsigned any)
{
	const char *from = s;

	while (is_class(*s, any))
		s++;
	return (size_t)(s - from);
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
/* Of servers, with a dot behind; and how a path, or the address behind "http:", begins. */
#define LABEL(text) { text, sizeof(text) - 1 }
static const struct span ad_labels[] = {
	LABEL("doubleclick"), LABEL("googlesyndication"), LABEL("googleadservices"), LABEL("adservice"), LABEL("feedads"), LABEL("adsystem"),
	LABEL("taboola"), LABEL("outbrain"), LABEL("pheedo"), LABEL("rss2.ads"), LABEL("buysellads"), LABEL("carbonads"), LABEL("criteo"),
};
static const struct span ad_paths[] = {
	LABEL("/adclick"), LABEL("/~ff/"), LABEL("/~a/"), LABEL("/~at/"), LABEL("/ads/"), LABEL("//ads."), LABEL("//ad."), LABEL("//adserver."),
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
static uint64_t in_text[256]; /* the same of the words that are looked for everywhere: ONES and STAMPS */
static pthread_once_t tables_are_read = PTHREAD_ONCE_INIT;

static void read_tables(void)
{
	for (struct table *t = tables; t < tables + TABLES; t++) {
		for (size_t i = 0; i < t->n; i++)
			t->lengths[(unsigned char)t->words[i][0]] |= (uint64_t)1 << strlen(t->words[i]);
	}
	for (unsigned c = 0; c < 256; c++) {
		unsigned char low = (unsigned char)text_lower((char)c);

		in_text[c] = tables[ONES].lengths[low] | tables[STAMPS].lengths[low];
	}
}

static bool is_in(const struct table *t, struct span w)
{
	char low[WORD_BYTES];

	for (size_t i = 0; i < w.len; i++)
		low[i] = text_lower(w.s[i]);
	low[w.len] = '\0';
	for (size_t i = 0; i < t->n; i++)
		if (t->words[i][0] == low[0] && t->words[i][1] == low[1] && strcmp(t->words[i], low) == 0)
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

/* Writes at most len bytes, and returns the end of them. */
static char *put_url(const char *s, size_t len, char *to)
{
	const char *end = s + len;

	while (s < end && *s != '?' && *s != '#') {
		const char *from = s;
		unsigned digits = 0;

		for (; s < end && is_class(*s, ALNUM); s++) {
			digits += is_class(*s, DIGIT);
			*to++ = *s;
		}
		if (s == from) {
			*to++ = *s++;
		} else if (digits && s - from >= RANDOM_HEX_BYTES && is_random((struct span){ from, (size_t)(s - from) })) {
			to -= s - from;
			*to++ = '*';
		}
	}
	return to;
}

void mask_url(const char *s, size_t len, struct buf *out)
{
	char *room = buf_reserve(out, len);

	if (room)
		buf_grew(out, (size_t)(put_url(s, len, room) - room));
}

static bool ends_in_ad_label(const char *begin, const char *end)
{
	for (size_t i = 0; i < sizeof(ad_labels) / sizeof(*ad_labels); i++) {
		const struct span *l = &ad_labels[i];

		if ((size_t)(end - begin) >= l->len && end[-1] == l->s[l->len - 1] && memcmp(end - l->len, l->s, l->len) == 0)
			return true;
	}
	return false;
}

static bool begins_ad_path(const char *begin, const char *end)
{
	for (size_t i = 0; i < sizeof(ad_paths) / sizeof(*ad_paths); i++) {
		const struct span *p = &ad_paths[i];

		if ((size_t)(end - begin) >= p->len && begin[1] == p->s[1] && memcmp(begin, p->s, p->len) == 0)
			return true;
	}
	return false;
}

static bool is_advertiser(struct span url)
{
	for (const char *s = url.s, *end = url.s + url.len; s < end; s++)
		if ((*s == '.' && ends_in_ad_label(url.s, s)) || (*s == '/' && begins_ad_path(s, end)))
			return true;
	return false;
}

/* ---- markup ---- */

struct mask {
	char *to;            /* in out. Not beside words: compilers load the two as one, which waits for what has just been stored */
	const char *begin, *at, *end;
	char *out;           /* room for as much as is read, and GLANCE more: what is masked is never longer */
	char *words;         /* the same for the words alone */
	struct span before;  /* the last word */
	bool has_colon;      /* nothing but a colon and space since it */
	bool in_stamp;       /* in a line that says when the page was made */
	unsigned stamp_left;
	char *block_begins;  /* in out, */
	char *block_words;   /* and in words */
	bool block_is_ad;
	bool block_has_words;
};

static void begin_block(struct mask *m)
{
	if (m->block_is_ad) {
		m->to = m->block_begins;
		m->words = m->block_words;
	}
	m->block_begins = m->to;
	m->block_words = m->words;
	m->block_is_ad = false;
	m->block_has_words = false;
	m->before = (struct span){ NULL, 0 };
	m->in_stamp = false;
}

static void put(struct mask *m, const char *s, size_t len)
{
	memcpy(m->to, s, len);
	m->to += len;
}

/* The name of the file alone. */
static struct span file_of(struct span url)
{
	size_t n = 0, from = 0;

	for (; n < url.len && url.s[n] != '?' && url.s[n] != '#'; n++)
		if (url.s[n] == '/' && n + 1 < url.len && url.s[n + 1] != '?' && url.s[n + 1] != '#')
			from = n + 1;
	return (struct span){ url.s + from, n - from };
}

/* The address in an attribute's value: of pictures only the name of the file, since their servers take turns. */
static void put_address(struct mask *m, struct span value, bool is_picture)
{
	if (!m->block_has_words && is_advertiser(value)) {
		m->block_is_ad = true;
		put(m, "ad", 2);
		return;
	}
	if (is_picture)
		value = file_of(value);
	m->to = put_url(value.s, value.len, m->to);
}

static void read_attribute(struct mask *m, struct span name, struct span value)
{
	if (one_of(PLACES, name))
		put_address(m, value, false);
	else if (one_of(PICTURES, name))
		put_address(m, value, true);
}

static struct span read_name(const char *at)
{
	return (struct span){ at, run_of(at, WORD | DIGIT | HYPHEN) };
}

/* From behind the name on, to behind the ">". The cleaner writes name="value" and nothing else. NULL: it is no tag. */
static const char *read_attributes(struct mask *m, const char *at)
{
	while (*at && *at != '>' && *at != '<') {
		struct span name = read_name(at);
		const char *close;

		at += name.len;
		if (name.len && at[0] == '=' && at[1] == '"')
			at++;
		if (*at != '"') {
			at += name.len == 0;
			continue;
		}
		close = strchr(at + 1, '"');
		if (!close)
			return NULL;
		if (name.len)
			read_attribute(m, name, (struct span){ at + 1, (size_t)(close - at - 1) });
		at = close + 1;
	}
	return *at == '>' ? at + 1 : NULL;
}

static bool read_opening(struct mask *m, struct span name)
{
	struct mask before = *m;
	const char *end;

	if (one_of(BLOCKS, name))
		begin_block(m);
	*m->to++ = '<';
	put(m, name.s, name.len);
	end = read_attributes(m, name.s + name.len);
	if (!end) {
		*m = before;
		return false;
	}
	*m->to++ = '>';
	m->at = end;
	return true;
}

static bool read_closing(struct mask *m, struct span name)
{
	const char *end = name.s + name.len;

	end += strcspn(end, "<>");
	if (*end != '>')
		return false;
	if (one_of(BLOCKS, name))
		begin_block(m);
	m->at = end + 1;
	return true;
}

static bool read_tag(struct mask *m)
{
	bool closing = m->at[1] == '/';
	struct span name = read_name(m->at + 1 + closing);

	if (name.len == 0 || !is_class(*name.s, WORD))
		return false;
	return closing ? read_closing(m, name) : read_opening(m, name);
}

/* ---- text ---- */

static struct span next_word(const char *s)
{
	while (*s == ' ' || *s == '(' || *s == '[')
		s++;
	return (struct span){ s, run_of(s, WORD | APOSTROPHE) };
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
	struct span unit = next_word(behind), after;

	if (unit.len == 0 || unit.len >= WORD_BYTES)
		return 0;
	if (begins_with(unit, ago_glued, sizeof(ago_glued) / sizeof(*ago_glued)))
		return (size_t)(unit.s - m->at) + unit.len;
	after = next_word(unit.s + unit.len);
	if (one_of(AGO_AFTER, after))
		return (size_t)(after.s - m->at) + after.len;
	if (one_of(AGO_BEFORE, m->before) || is_il_y_a(m))
		return (size_t)(unit.s - m->at) + unit.len;
	return 0;
}

/* "1,234", "1.234", "12.3k", "12:30:05" */
static const char *number_end(const char *s)
{
	while (is_class(*s, DIGIT) || ((*s == ',' || *s == '.' || *s == ':') && is_class(s[1], DIGIT)))
		s++;
	if ((text_lower(*s) == 'k' || text_lower(*s) == 'm') && !is_class(s[1], WORD))
		s++;
	return s;
}

static void skip_ago(struct mask *m, size_t len)
{
	*m->to++ = '~';
	m->at += len;
	m->before = (struct span){ NULL, 0 };
}

static void read_number(struct mask *m)
{
	const char *behind = number_end(m->at);
	size_t ago = ago_length(m, behind);
	struct span next = next_word(behind);
	bool counts = one_of(COUNTED, next) || (m->has_colon && (one_of(LABELS, m->before) || one_of(COUNTED, m->before)));

	if (ago) {
		skip_ago(m, ago);
		return;
	}
	if (counts || m->in_stamp)
		*m->to++ = '#';
	else
		put(m, m->at, (size_t)(behind - m->at));
	m->at = behind;
	m->has_colon = false;
}

/* "Advertisement", "Ad: buy this": a label, and no sentence that begins with the word. */
static bool is_label(struct span w)
{
	const char *s = w.s + w.len;

	while (*s == ' ')
		s++;
	return one_of(ADVERTISEMENTS, w) && strchr(":<|-]", *s); /* or the end, which strchr() finds, too */
}

/* Letters and digits that nobody has written, from here on. */
static bool skip_random(struct mask *m)
{
	struct span run = { m->at, run_of(m->at, ALNUM) };

	if (run.len < RANDOM_HEX_BYTES || !is_random(run))
		return false;
	*m->to++ = '*';
	m->at += run.len;
	return true;
}

/* One of the few words that are looked for everywhere. True when it has been read, with what is behind. */
static bool read_known_word(struct mask *m, struct span w)
{
	size_t ago;

	if (one_of(ONES, w)) {
		m->at = w.s + w.len;
		if ((ago = ago_length(m, m->at)) > 0) {
			skip_ago(m, ago);
			return true;
		}
		m->at = w.s;
	} else if (one_of(STAMPS, w)) {
		m->in_stamp = true;
		m->stamp_left = STAMP_BYTES;
	}
	return false;
}

#ifdef __SSE2__
/* Copies a look's worth, letters in lower case into words, and returns how many bytes of it a word that begins there has. */
static size_t glance(const char *s, char *to, char *words)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)s), low = _mm_or_si128(v, _mm_set1_epi8(0x20));
	/* Shifted so that 'a' to 'z' are the 26 lowest of the signed bytes. */
	__m128i letters = _mm_cmplt_epi8(_mm_add_epi8(low, _mm_set1_epi8((char)(0x80 - 'a'))), _mm_set1_epi8((char)(0x80 + 26)));
	__m128i marks = _mm_cmpeq_epi8(v, _mm_set1_epi8('\''));
	unsigned in_word = (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(letters, marks), v)); /* beyond ASCII the high bit is set */

	_mm_storeu_si128((__m128i *)(void *)to, v);
	_mm_storeu_si128((__m128i *)(void *)words, _mm_or_si128(v, _mm_and_si128(letters, _mm_set1_epi8(0x20))));
	return in_word == 0xFFFF ? GLANCE : (size_t)__builtin_ctz(~in_word);
}
#else
static size_t glance(const char *s, char *to, char *words)
{
	size_t n = 0;

	for (; n < GLANCE && is_class(s[n], WORD | APOSTROPHE); n++) {
		to[n] = s[n];
		words[n] = text_lower(s[n]);
	}
	return n;
}
#endif

/* Copies the word at m->at without taking it: m->to and m->words are where they were. */
static size_t copy_word(struct mask *m)
{
	size_t n = 0, step = GLANCE;

	for (; step == GLANCE && m->end - m->at - (ptrdiff_t)n >= GLANCE; n += step)
		step = glance(m->at + n, m->to + n, m->words + n);
	for (; step == GLANCE && is_class(m->at[n], WORD | APOSTROPHE); n++) { /* the end of the text is near */
		m->to[n] = m->at[n];
		m->words[n] = text_lower(m->at[n]);
	}
	return n;
}

static void take_word(struct mask *m, struct span w)
{
	m->at = w.s + w.len;
	m->to += w.len;
	m->words += w.len;
	if (!m->block_has_words)
		m->block_is_ad |= is_label(w);
	m->block_has_words = true;
	m->before = w;
	m->has_colon = false;
}

/* Nearly all of a text is here: words of no table. */
static void read_word(struct mask *m)
{
	struct span w = { m->at, copy_word(m) };

	if (is_class(w.s[w.len], DIGIT) && skip_random(m)) /* what is random has digits in it */
		return;
	if (w.len < WORD_BYTES && (in_text[(unsigned char)*w.s] >> w.len & 1) && read_known_word(m, w))
		return;
	take_word(m, w);
}

static void read_other(struct mask *m)
{
	char c = *m->at++;

	if (c == '\n' || (c == '.' && *m->at == ' '))
		m->in_stamp = false;
	if (text_is_space(c)) {
		if (m->to > m->out && m->to[-1] != ' ')
			*m->to++ = ' ';
		return;
	}
	if (c == ':' || c == '(')
		m->has_colon = true;
	else
		m->before = (struct span){ NULL, 0 };
	*m->to++ = c;
}

static void read_one(struct mask *m)
{
	if (is_class(*m->at, WORD)) {
		read_word(m);
	} else if (*m->at == ' ' && m->at[1] != ' ') {
		if (m->to > m->out && m->to[-1] != ' ')
			*m->to++ = ' ';
		m->at++;
	} else if (is_class(*m->at, DIGIT)) {
		if (!skip_random(m))
			read_number(m);
	} else if (*m->at != '<' || !read_tag(m)) {
		read_other(m);
	}
}

void mask_volatile(const char *s, struct buf *out, struct buf *words)
{
	size_t len = strlen(s);
	char *room = buf_reserve(out, len + GLANCE), *words_room = buf_reserve(words, len + GLANCE);
	struct mask m = { .out = room, .to = room, .words = words_room, .begin = s, .at = s, .end = s + len, .block_begins = room, .block_words = words_room };

	(void)pthread_once(&tables_are_read, read_tables);
	if (!room || !words_room)
		return;
	while (*m.at) {
		read_one(&m);
		if (m.in_stamp && m.stamp_left-- == 0)
			m.in_stamp = false;
	}
	begin_block(&m);
	buf_grew(out, (size_t)(m.to - room));
	buf_grew(words, (size_t)(m.words - words_room));
}

void mask_title(const char *s, struct buf *out)
{
	for (; *s; s++)
		if (is_class(*s, WORD | DIGIT) || *s == '#')
			buf_append_char(out, text_lower(*s));
}
