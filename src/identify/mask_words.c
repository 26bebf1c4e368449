/* The words by which masking tells what changes by itself. */
#include "mask_internal.h"

#include <pthread.h>
#include <string.h>

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
static const char *const il[] = { "il" }; /* y a un an */
static const char *const ago_after[] = { "ago", "önce", "əvvəl", "evvel", "назад", "fa", "geleden", "sedan", "siden", "temu", "тому" };
static const char *const ago_before[] = { "vor", "hace", "há", "пре", "pre", "przed" };
static const char *const ago_glued[] = { "分钟前", "小时前", "天前", "秒前", "分鐘前", "小時前", "分前", "時間前", "日前", "周前" };
static const char *const advertisements[] = {
	"ad", "ads", "advert", "advertisement", "advertisements", "advertising", "advertorial", "anzeige", "annonce", "publicité", "publicidad",
	"publicidade", "pubblicità", "reklam", "reklama", "reklame", "sponsored", "sponsor", "sponsors", "werbung", "реклама", "Реклама", "РЕКЛАМА",
	"广告", "廣告", "広告", "promoted",
};
static const char *const blocks[] = { "p", "div", "li", "ul", "ol", "table", "tr", "td", "aside", "section", "figure", "blockquote", "h1", "h2", "h3",
                                      "h4", "h5", "h6", "hr", "pre", "center", "footer", "header", "article", "dl", "dt", "dd" };
static const char *const places[] = { "href" };
static const char *const pictures[] = { "src", "poster" };

_Static_assert(sizeof(blocks) / sizeof(*blocks) <= TABLE_NAMES, "all blocks have a number");
#define TABLE(list) { .words = (list), .n = sizeof(list) / sizeof((list)[0]) }
struct mask_table mask_tables[TABLES] = {
	[COUNTED] = TABLE(counted), [LABELS] = TABLE(labels), [STAMPS] = TABLE(stamps), [ONES] = TABLE(ones), [IL] = TABLE(il), [AGO_AFTER] = TABLE(ago_after),
	[AGO_BEFORE] = TABLE(ago_before), [ADVERTISEMENTS] = TABLE(advertisements), [BLOCKS] = TABLE(blocks), [PLACES] = TABLE(places),
	[PICTURES] = TABLE(pictures),
};
uint32_t mask_in_text[LETTERS * LETTERS];
static pthread_once_t tables_are_read = PTHREAD_ONCE_INIT;

/* 0: it is longer. */
static uint64_t name_of(const char *word)
{
	char bytes[NAME_BYTES] = "";
	size_t len = strlen(word);

	if (len > NAME_BYTES)
		return 0;
	memcpy(bytes, word, len);
	return name_number((struct span){ bytes, len });
}

static void read_table(struct mask_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		unsigned char first = (unsigned char)t->words[i][0];

		if (!t->lengths[first])
			t->from[first] = (uint8_t)i;
		t->to[first] = (uint8_t)(i + 1);
		t->lengths[first] |= (uint64_t)1 << strlen(t->words[i]);
		if (i < TABLE_NAMES)
			t->names[i] = name_of(t->words[i]);
	}
}

static void look_everywhere_for(const struct mask_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const char *word = t->words[i];
		uint32_t *row = mask_in_text + ((size_t)(word[0] & (LETTERS - 1)) << LETTER_BITS), length = (uint32_t)1 << (strlen(word) & 31);

		row[word[1] & (LETTERS - 1)] |= length;
	}
}

static void read_tables(void)
{
	for (struct mask_table *t = mask_tables; t < mask_tables + TABLES; t++)
		read_table(t);
	look_everywhere_for(&mask_tables[IL]);
	look_everywhere_for(&mask_tables[AGO_AFTER]);
	look_everywhere_for(&mask_tables[AGO_BEFORE]);
	look_everywhere_for(&mask_tables[STAMPS]);
	mask_read_advertisers();
}

void mask_read_tables(void)
{
	(void)pthread_once(&tables_are_read, read_tables);
}

static bool is_word(const char *word, struct span w)
{
	for (size_t i = 0; i < w.len; i++)
		if (word[i] != text_lower(w.s[i])) /* also where the word ends */
			return false;
	return !word[w.len];
}

bool mask_table_has(const struct mask_table *t, struct span w)
{
	unsigned char first = (unsigned char)text_lower(w.s[0]);
	char second = w.len > 1 ? text_lower(w.s[1]) : '\0';

	for (size_t i = t->from[first]; i < t->to[first]; i++)
		if (t->words[i][1] == second && is_word(t->words[i], w))
			return true;
	return false;
}

bool mask_table_has_name(const struct mask_table *t, struct span name)
{
	unsigned char first = (unsigned char)text_lower(name.s[0]);
	uint64_t number = name_number(name);

	for (size_t i = t->from[first]; i < t->to[first]; i++)
		if (t->names[i] == number)
			return true;
	return false;
}

bool mask_begins_ago(struct span w)
{
	if (w.len >= WORD_BYTES || !is_class(*w.s, BEYOND_ASCII))
		return false;
	for (size_t i = 0; i < sizeof(ago_glued) / sizeof(*ago_glued); i++) {
		size_t n = strlen(ago_glued[i]);

		if (w.len >= n && memcmp(w.s, ago_glued[i], n) == 0)
			return true;
	}
	return false;
}
