/*
 * Which encoding. First what the bytes prove: a byte order mark, the NULs of UTF-16 and UTF-32, the "<?xm" of EBCDIC.
 * Then what is said, in the order of RFC 7303 section 3.2: HTTP header, XML declaration (meta element for pages).
 * No word is believed against the bytes:
 *
 *   said                     the bytes                          read as             why
 *   ----------------------   --------------------------------   -----------------   -----------------------------------
 *   anything or nothing      valid UTF-8, some beyond ASCII     UTF-8               other text is hardly ever valid UTF-8
 *   GBK, EUC-KR and such     the same, under 4 characters       what is said        two such bytes can be valid by chance
 *   UTF-8, ASCII, nothing    more right UTF-8 than wrong        UTF-8; the wrong    planets join items without looking;
 *                            bytes                              as windows-1252     one bad item must not spoil the rest
 *   UTF-8, ASCII, nothing    else                               a guess             the tool never knew its encoding
 *   iso-8859-1 and such      more right UTF-8 than wrong        UTF-8, as above     the default of a server or a template
 *   iso-8859-1 and such      else                               windows-1252        the WHATWG standard: C1 controls never
 *                                                                                   were meant
 *   iso-8859-1 in the        guessed as what the declaration    the declaration     AddDefaultCharset; only with proof, as
 *   header                   says                                                   RFC 7303 gives the header the right
 *   another encoding         four times more right UTF-8        UTF-8, as above     a declaration kept when the text changed
 *   another encoding         sequences that are none in it      the next that is    more than one in twenty is no accident
 *                                                               said, or a guess
 *   anything or nothing      ASCII with ESC $ B, ESC $ @        ISO-2022-JP         ESC stands in no XML or JSON, and so in no order
 *   UTF-16, UTF-32           no NULs                            as if not said      text from a string of .NET or Java
 *   a mark of UTF-16         no NULs, or in the other places    as the bytes are    the mark was put in front by a tool
 *   UTF-7, HZ, ISO-2022-KR   any                                as if not said      REL-11: what looks like ASCII is not it
 *
 * Double-encoded UTF-8 ("Ã©") is valid and left alone: it may be meant. In bad UTF-8, a sequence cut short (tools
 * shorten by bytes) is U+FFFD, surrogates written one by one (CESU-8) are joined, and control characters are dropped.
 */
#include "encoding.h"

#include <stdbool.h>
#include <string.h>

#include "charset.h"
#include "detect.h"
#include "repair.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"

enum { HEAD_BYTES = 1024, MAX_CANDIDATES = 2, SURE_CHARACTERS = 4 };

struct candidate {
	const struct charset *charset;
	const char *where;
	const char *label; /* as said; borrowed */
	int label_len;
};

struct job {
	const char *bytes; /* behind the mark */
	size_t len;
	const char *mark; /* what the mark said and was not: for the message */
	struct document_start start;
	struct candidate candidates[MAX_CANDIDATES];
	size_t n_candidates;
	struct utf8_text *ret;
	struct problem_list *problems;
};

static uint32_t line_at(const char *s, size_t at)
{
	return 1 + (uint32_t)text_count_lines(s, at);
}

/* Which of UTF-16 and UTF-32 the NULs in the first bytes show, or NULL. The first character is always ASCII. */
static const char *nul_pattern(const char *p, size_t len)
{
	static const struct {
		const char *name;
		size_t need;
		size_t character; /* where in each unit of `need` bytes the first character's byte is */
		size_t width;
	} rows[] = {
		{ "UTF-32LE", 4, 0, 4 }, { "UTF-32BE", 4, 3, 4 }, { "UTF-16LE", 2, 0, 2 }, { "UTF-16BE", 2, 1, 2 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t units = 0, width = rows[i].width;

		if (len < width)
			continue;
		for (; units < 2 && (units + 1) * width <= len; units++) {
			const char *unit = p + units * width;
			char c = unit[rows[i].character];
			size_t nuls = 0;

			for (size_t k = 0; k < width; k++)
				nuls += k != rows[i].character && unit[k] == '\0';
			if (nuls != width - 1 || c <= 0 || (units == 0 && !text_is_space(c) && !strchr("<{[)", c)))
				break;
		}
		if (units == 2 || (units == 1 && len < 2 * width))
			return rows[i].name;
	}
	return NULL;
}

/* The encoding of a byte order mark, and how many bytes that is. FF FE 00 00 is UTF-32, not UTF-16 and a NUL. */
static const char *find_mark(const char *p, size_t len, size_t *mark)
{
	static const struct {
		const char bytes[5];
		size_t n;
		const char *name;
	} rows[] = {
		{ "\xFF\xFE\0\0", 4, "UTF-32LE" }, { "\0\0\xFE\xFF", 4, "UTF-32BE" },
		{ "\xEF\xBB\xBF", 3, "UTF-8" }, { "\xFF\xFE", 2, "UTF-16LE" }, { "\xFE\xFF", 2, "UTF-16BE" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (len >= rows[i].n && memcmp(p, rows[i].bytes, rows[i].n) == 0) {
			*mark = rows[i].n;
			return rows[i].name;
		}
	}
	*mark = 0;
	return NULL;
}

/* The value behind `name` and "=" in s: bare, or in either quote. */
static size_t find_value(const char *s, size_t len, const char *name, const char **ret)
{
	size_t n = strlen(name);

	for (size_t i = 0; i + n < len; i++) {
		size_t at = i + n, from;
		char quote = 0;

		if (!text_has_prefix_nocase(s + i, name))
			continue;
		while (at < len && text_is_space(s[at]))
			at++;
		if (at == len || s[at] != '=')
			continue;
		at++;
		while (at < len && text_is_space(s[at]))
			at++;
		if (at < len && (s[at] == '"' || s[at] == '\''))
			quote = s[at++];
		from = at;
		while (at < len && (quote ? s[at] != quote : !strchr(";?>\"'/", s[at]) && !text_is_space(s[at])))
			at++;
		*ret = s + from;
		return at - from;
	}
	return 0;
}

/* EBCDIC by its "<?xm"; which one, its declaration says in characters that all of them have in the same place. */
static const struct charset *find_ebcdic(const char *bytes, size_t len)
{
	struct buf head = BUF_INIT(8 * HEAD_BYTES);
	const struct charset *c = NULL;
	const char *label = NULL;
	size_t n;

	if (len < 4 || memcmp(bytes, "\x4C\x6F\xA7\x94", 4) != 0)
		return NULL;
	(void)charset_convert(charset_get("IBM037"), bytes, len < 256 ? len : 256, &head);
	n = find_value(buf_str(&head), head.len, "encoding", &label);
	if (n)
		c = charset_find(label, n);
	buf_done(&head);
	return c && c->kind == CHARSET_EBCDIC ? c : charset_get("IBM037");
}

/* What the bytes prove, or NULL. Steps behind the mark; one that does not fit the bytes is remembered as a lie. */
static const struct charset *find_proof(struct job *j)
{
	size_t n;
	const char *mark = find_mark(j->bytes, j->len, &n), *nuls;

	j->bytes += n;
	j->len -= n;
	nuls = nul_pattern(j->bytes, j->len);
	if (mark && nuls && strcmp(mark, nuls) != 0)
		j->mark = mark;
	if (nuls)
		return charset_get(nuls);
	if (!mark)
		return find_ebcdic(j->bytes, j->len);
	if (strcmp(mark, "UTF-8") == 0)
		return NULL;
	if (j->len && !memchr(j->bytes, '\0', j->len < HEAD_BYTES ? j->len : HEAD_BYTES)) {
		j->mark = mark;
		return NULL;
	}
	return charset_get(mark);
}

/* Takes a label in when it can be true of bytes whose ASCII is readable. */
static void add_candidate(struct job *j, const char *label, size_t len, const char *where)
{
	const struct charset *c = len ? charset_find(label, len) : NULL;
	int shown = (int)(len > 40 ? 40 : len); /* what the table has is shorter */

	if (len == 0)
		return;
	if (!c)
		problem_add(j->problems, "encoding-unknown", 1, "The %s names the encoding \"%.*s\", which is not known; it was passed over.", where,
		            shown, label);
	else if (c->kind == CHARSET_REFUSED)
		problem_add(j->problems, "encoding-refused", 1, "The %s names the encoding %s, which is never read because it can hide markup.",
		            where, c->name);
	else if (c->kind == CHARSET_WIDE || c->kind == CHARSET_EBCDIC)
		problem_add(j->problems, "encoding-wrong", 1, "The %s says %s, but the document is not in it.", where, c->name);
	else
		j->candidates[j->n_candidates++] = (struct candidate){ c, where, label, shown };
}

static void collect_candidates(struct job *j, const char *content_type)
{
	const struct document_start *start = &j->start;
	const char *label = NULL;
	size_t n;

	if (content_type) {
		n = find_value(content_type, strlen(content_type), "charset", &label);
		add_candidate(j, label, n, "HTTP header");
	}
	if (start->declaration_len) {
		n = find_value(j->bytes + start->declaration, start->declaration_len, "encoding", &label);
		add_candidate(j, label, n, "XML declaration");
	} else {
		const char *head = j->bytes + start->at;
		size_t head_len = j->len - start->at < HEAD_BYTES ? j->len - start->at : HEAD_BYTES;

		n = detect_format(head, head_len) == DETECT_HTML ? find_value(head, head_len, "charset", &label) : 0;
		add_candidate(j, label, n, "page");
	}
}

static void report_controls(const struct job *j, uint32_t line)
{
	problem_add(j->problems, "control-characters", line, "The document holds control characters, which XML does not allow; they were dropped.");
}

static void report_junk(const struct job *j, const char *text, uint32_t first_line, const struct document_start *start)
{
	if (start->has_junk)
		problem_add(j->problems, "leading-junk", first_line + line_at(text, start->junk) - 1,
		            "Something stands in front of the document that does not belong there; it was skipped.");
	else if (start->has_space)
		problem_add(j->problems, "leading-space", 1, "White space stands in front of the XML declaration; it was skipped.");
}

/* The quotes that XML wants around each value, and "?>" at the end. */
static bool is_declaration(const char *s, size_t len)
{
	char quote = 0;

	for (size_t i = 0; i < len; i++) {
		if (quote) {
			quote = s[i] == quote ? 0 : quote;
		} else if (s[i] == '"' || s[i] == '\'') {
			quote = s[i];
		} else if (s[i] == '=') {
			while (i + 1 < len && text_is_space(s[i + 1]))
				i++;
			if (i + 1 == len || (s[i + 1] != '"' && s[i + 1] != '\''))
				return false;
		}
	}
	return !quote && len > 6 && s[len - 2] == '?' && s[len - 1] == '>';
}

static void report_declaration(const struct job *j, const char *text, const struct document_start *start)
{
	if (start->declaration_len && !is_declaration(text + start->declaration, start->declaration_len))
		problem_add(j->problems, "broken-declaration", line_at(text, start->declaration),
		            "The XML declaration lacks its end or quotes, or has other quotes than XML's; it was read all the same.");
}

static void report_faults(const struct job *j, const struct repair *m)
{
	const size_t *n = m->faults;
	size_t cut = n[FAULT_CUT] ? m->first[FAULT_CUT] : m->first[FAULT_PAIR];

	if (n[FAULT_BYTE])
		problem_add(j->problems, "encoding-mixed", line_at(j->bytes, m->first[FAULT_BYTE]),
		            "The document is in UTF-8, but %zu bytes of it are not; they were read as windows-1252.", n[FAULT_BYTE]);
	if (n[FAULT_CUT] || n[FAULT_PAIR])
		problem_add(j->problems, "encoding-damaged", line_at(j->bytes, cut),
		            "%zu characters of the document were cut or written wrong; they were joined, or replaced by U+FFFD.",
		            n[FAULT_CUT] + n[FAULT_PAIR]);
	if (n[FAULT_CONTROL])
		report_controls(j, line_at(j->bytes, m->first[FAULT_CONTROL]));
}

/* Without its control characters, what stands in front can be a declaration after all: "<\0?xml". */
static void find_start_again(struct job *j)
{
	struct utf8_text *ret = j->ret;
	struct document_start start;

	detect_start(ret->s, ret->len, &start);
	if (!j->start.has_junk)
		report_junk(j, ret->s, ret->first_line, &start);
	ret->first_line += line_at(ret->s, start.at) - 1;
	ret->s += start.at;
	ret->len -= start.at;
}

/* The bytes are UTF-8, all clean or but for some. */
static void use_utf8(struct job *j, bool clean)
{
	struct utf8_text *ret = j->ret;
	size_t from = j->start.at;
	struct repair m = { 0 };

	report_junk(j, j->bytes, 1, &j->start);
	report_declaration(j, j->bytes, &j->start);
	ret->first_line = line_at(j->bytes, from);
	ret->s = j->bytes + from;
	ret->len = j->len - from;
	if (clean)
		return;
	repair_utf8(ret->s, ret->len, &m, &ret->owned);
	for (size_t i = 0; i < FAULTS; i++)
		m.first[i] += from;
	report_faults(j, &m);
	ret->s = buf_str(&ret->owned);
	ret->len = ret->owned.len;
	if (m.faults[FAULT_CONTROL])
		find_start_again(j);
}

/* Drops what XML does not allow from text that a converter made, in place: it is never longer behind. */
static bool drop_controls(char *s, size_t *len, size_t *first)
{
	size_t at = text_clean_prefix(s, *len), to = at;

	*first = at;
	if (at == *len)
		return false;
	while (at < *len) {
		size_t n;

		if ((unsigned char)s[at] < 0x20) {
			at++;
		} else { /* U+FFFE or U+FFFF */
			memcpy(s + to, "\xEF\xBF\xBD", 3);
			to += 3;
			at += 3;
		}
		n = text_clean_prefix(s + at, *len - at);
		memmove(s + to, s + at, n);
		to += n;
		at += n;
	}
	*len = to;
	return true;
}

/* The text was converted into ret->owned, with so many sequences that meant nothing. */
static void use_converted(struct job *j, size_t errors)
{
	struct utf8_text *ret = j->ret;
	struct document_start start;
	size_t len = ret->owned.len, first;
	char *text = ret->owned.bytes;
	const char *bad;

	if (!text || buf_error(&ret->owned))
		return;
	if (drop_controls(text, &len, &first))
		report_controls(j, line_at(text, first));
	detect_start(text, len, &start);
	report_junk(j, text, 1, &start);
	report_declaration(j, text, &start);
	ret->first_line = line_at(text, start.at);
	ret->s = text + start.at;
	ret->len = len - start.at;
	bad = errors ? memmem(text, len, "\xEF\xBF\xBD", 3) : NULL;
	if (bad)
		problem_add(j->problems, "encoding-damaged", line_at(text, (size_t)(bad - text)),
		            "%zu sequences of bytes mean nothing in the document's encoding; they were replaced by U+FFFD.", errors);
}

static void use_charset(struct job *j, const struct charset *c)
{
	use_converted(j, charset_convert(c, j->bytes, j->len, &j->ret->owned));
}

static uint32_t first_foreign_line(const struct job *j)
{
	size_t at = j->start.at;

	while (at < j->len && (unsigned char)j->bytes[at] < 0x80 && j->bytes[at] != '\x1B')
		at++;
	return line_at(j->bytes, at);
}

static void report_wrong(const struct job *j, const struct candidate *c, const char *truth)
{
	problem_add(j->problems, "encoding-wrong", first_foreign_line(j), "The %s says %.*s, but the document is in %s.", c->where,
	            c->label_len, c->label, truth);
}

/* The characters beyond ASCII, of which there may be more when it is `most`. Most documents show some at once, or none. */
static size_t count_up_to(const char *s, size_t len, size_t most)
{
	enum { STEP = 1024 };
	size_t n = 0;

	for (size_t at = 0; at < len && n < most; at += STEP)
		n += repair_count_characters(s + at, len - at < STEP ? len - at : STEP);
	return n < most ? n : most;
}

/* Whether ASCII holds what switches to the Japanese of ISO-2022-JP. */
static bool has_escapes(const char *s, size_t len)
{
	for (const char *end = s + len; (s = memchr(s, '\x1B', (size_t)(end - s))); s++) {
		if (end - s >= 3 && s[1] == '$' && (s[2] == 'B' || s[2] == '@'))
			return true;
	}
	return false;
}

/* By its escapes alone: nobody said it, or somebody said something else. */
static const struct charset *escaped_unsaid(const struct job *j)
{
	const struct charset *c = charset_get("ISO-2022-JP");

	if (!has_escapes(j->bytes, j->len))
		return NULL;
	if (j->n_candidates)
		report_wrong(j, &j->candidates[0], c->name);
	else
		problem_add(j->problems, "encoding-guessed", line_at(j->bytes, (size_t)((const char *)memchr(j->bytes, '\x1B', j->len) - j->bytes)),
		            "The document does not say its encoding; by its bytes it was read as %s.", c->name);
	return c;
}

/* A word that holds although the bytes are valid UTF-8, or NULL. */
static const struct charset *against_utf8(const struct job *j)
{
	size_t n = count_up_to(j->bytes + j->start.at, j->len - j->start.at, SURE_CHARACTERS);

	for (size_t i = 0; i < j->n_candidates; i++) {
		enum charset_kind kind = j->candidates[i].charset->kind;

		if (kind == CHARSET_ESCAPED && n == 0 && memchr(j->bytes, '\x1B', j->len))
			return j->candidates[i].charset;
		if (kind == CHARSET_DOUBLE && n > 0 && n < SURE_CHARACTERS)
			return j->candidates[i].charset;
	}
	if (n == 0)
		return escaped_unsaid(j);
	if (j->n_candidates && j->candidates[0].charset->kind != CHARSET_UTF8)
		report_wrong(j, &j->candidates[0], "UTF-8");
	return NULL;
}

/* The header's iso-8859-1 gives way to a declaration that the bytes bear out. */
static void settle_default(struct job *j)
{
	const struct charset *header = j->candidates[0].charset, *declared = j->candidates[1].charset;

	if (j->n_candidates < 2 || header->kind != CHARSET_LATIN || (declared->kind != CHARSET_SINGLE && declared->kind != CHARSET_DOUBLE))
		return;
	if (charset_guess(j->bytes, j->len) != declared)
		return;
	report_wrong(j, &j->candidates[0], declared->name);
	j->candidates[0] = j->candidates[1];
	j->n_candidates = 1;
}

/* Reads the document by the first word that the bytes bear out; false when none does. */
static bool use_candidates(struct job *j, const struct repair *m)
{
	size_t wrong = m->faults[FAULT_BYTE], seen = repair_count_characters(j->bytes, j->len);

	for (size_t i = 0; i < j->n_candidates; i++) {
		const struct charset *c = j->candidates[i].charset;
		size_t errors;

		if (c->kind == CHARSET_UTF8 || c->kind == CHARSET_ASCII || c->kind == CHARSET_ESCAPED)
			continue;
		if (m->characters > (c->kind == CHARSET_LATIN ? wrong : 4 * wrong))
			continue;
		errors = charset_convert(c, j->bytes, j->len, &j->ret->owned);
		if (buf_error(&j->ret->owned))
			return true;
		if (errors <= 1 + seen / 20) {
			if (i > 0)
				report_wrong(j, &j->candidates[0], c->name);
			use_converted(j, errors);
			return true;
		}
		buf_clear(&j->ret->owned);
	}
	return false;
}

/* The document is not clean UTF-8. */
static void judge(struct job *j)
{
	struct repair m = { 0 };
	const struct charset *guess;

	repair_utf8(j->bytes + j->start.at, j->len - j->start.at, &m, NULL);
	if (m.faults[FAULT_BYTE] == 0) {
		const struct charset *c = against_utf8(j);

		if (c)
			use_charset(j, c);
		else
			use_utf8(j, false);
		return;
	}
	settle_default(j);
	if (use_candidates(j, &m))
		return;
	if (m.characters > m.faults[FAULT_BYTE]) {
		use_utf8(j, false);
		return;
	}
	guess = charset_guess(j->bytes + j->start.at, j->len - j->start.at);
	for (size_t i = 0; i < j->n_candidates && guess->kind == CHARSET_LATIN; i++) {
		if (j->candidates[i].charset->kind == CHARSET_DOUBLE) /* damaged, but better than nothing known */
			guess = j->candidates[i].charset;
	}
	problem_add(j->problems, "encoding-guessed", line_at(j->bytes, j->start.at + m.first[FAULT_BYTE]),
	            "The document is not in the encoding it says or should have; by its bytes it was read as %s.", guess->name);
	use_charset(j, guess);
}

void encoding_init(void)
{
	charset_init();
}

void encoding_to_utf8(const char *bytes, size_t len, const char *content_type, struct utf8_text *ret, struct problem_list *problems)
{
	struct job j = { .bytes = bytes, .len = len, .ret = ret, .problems = problems };
	const struct charset *c = find_proof(&j);
	bool clean;

	*ret = (struct utf8_text){ .s = "", .first_line = 1, .owned = BUF_INIT(LIMIT_FEED_BYTES) };
	if (j.mark)
		problem_add(problems, "encoding-wrong", 1, "The byte order mark says %s, but the document is not in it.", j.mark);
	if (c) {
		use_charset(&j, c);
		return;
	}
	detect_start(j.bytes, j.len, &j.start);
	collect_candidates(&j, content_type);
	clean = text_is_clean(j.bytes + j.start.at, j.len - j.start.at);
	if (!clean) {
		judge(&j);
		return;
	}
	c = j.n_candidates && j.candidates[0].charset->kind != CHARSET_UTF8 ? against_utf8(&j) : NULL;
	if (c)
		use_charset(&j, c);
	else
		use_utf8(&j, true);
}

void utf8_text_done(struct utf8_text *t)
{
	buf_done(&t->owned);
	*t = (struct utf8_text){ .s = "" };
}
