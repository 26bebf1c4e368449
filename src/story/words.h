#ifndef STORY_WORDS_H
#define STORY_WORDS_H
/*
 * Text to words, by the rules of Unicode and ICU's dictionaries. A word is brought to a form in which the ways to write
 * it meet: case folded, Latin marks off, Cyrillic in Latin letters (so that both scripts of Serbian are one), the four
 * letters i of the Turkic alphabets one. No two writers of a name agree on those.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORD_BYTES 48 /* the rest of a longer word is left off */

struct word {
	const char *at;    /* as it stands in the text; not terminated */
	size_t raw_bytes;
	char text[WORD_BYTES]; /* in that form; not terminated */
	uint8_t bytes;
	uint8_t letters;   /* characters of it, capped */
	bool capital;      /* begins with a capital letter, and its script has them */
	bool number;       /* begins with a digit */
	bool ideographic;  /* of a script whose words are short */
};

struct words;
/* The text stays the caller's and must outlive the reader. NULL: ICU cannot (its data is missing). */
struct words *words_open(void);
struct words *words_close(struct words *w); /* NULL-safe, returns NULL */
void words_start(struct words *w, const char *text, size_t len);
bool words_next(struct words *w, struct word *ret);

#endif
