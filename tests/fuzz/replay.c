/*
 * A fuzz target without a fuzzer: replays tests/fuzz/corpus/NAME and then tries mutations of it, the same ones every
 * time, for about two seconds. Prints TAP. What a property or a signal ends is kept as finding-NAME.
 *
 *     replay_NAME                 all of that
 *     replay_NAME FILE...         these files as they are (a finding of scripts/fuzz)
 *     replay_NAME --split DIR     the seeds as single files, for libFuzzer
 *
 * A corpus file NAME.txt holds many seeds: a line "=====" is between two, the line end before it belongs to it, and
 * \xHH is a byte. Any other file is one seed as it is.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"
#include "syndicated/base/buf.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

enum { MAX_SEEDS = 4096, MAX_WORDS = 512, MUTANT_BYTES = 4096, MUTATIONS = 40000, HANG_S = 20 };
static const double ENOUGH_S = 1.5;

struct bytes {
	char *p;
	size_t len;
};

static struct bytes seeds[MAX_SEEDS], words[MAX_WORDS];
static size_t n_seeds, n_words;

static const uint8_t *current;
static size_t current_len;

/* ---- keeping what ends us ---- */

extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void keep_finding(void)
{
	char name[64];
	int fd;

	(void)snprintf(name, sizeof(name), "finding-%s", fuzz_name);
	fd = open(name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
	if (fd >= 0 && current)
		(void)!write(fd, current, current_len);
	if (fd >= 0)
		(void)close(fd);
}

static void on_signal(int signo)
{
	keep_finding();
	(void)signal(signo, SIG_DFL);
	(void)raise(signo);
}

static void run(const char *bytes, size_t len)
{
	/* In a block of its own size, without a NUL behind, so that ASan sees a read behind the end. */
	char *copy = mem_resize_array(NULL, len ? len : 1, 1);

	if (len)
		memcpy(copy, bytes, len);

	current = (const uint8_t *)copy;
	current_len = len;
	(void)alarm(HANG_S);
	(void)LLVMFuzzerTestOneInput((const uint8_t *)copy, len);
	(void)alarm(0);
	current = NULL;
	mem_free(copy);
}

/* ---- the corpus ---- */

static char *read_file(const char *path, size_t *ret_len)
{
	struct buf b = BUF_INIT(64u << 20);
	char *bytes = NULL, *room;
	FILE *f = fopen(path, "rb");
	size_t n = 1;

	if (!f) {
		(void)printf("Bail out! cannot open %s\n", path);
		exit(EXIT_FAILURE);
	}
	while (n > 0 && (room = buf_reserve(&b, 1 << 16))) {
		n = fread(room, 1, 1 << 16, f);
		buf_grew(&b, n);
	}
	(void)fclose(f);
	if (buf_take(&b, &bytes, ret_len) < 0)
		exit(EXIT_FAILURE);
	return bytes;
}

static int hex(char c)
{
	const char *at = c ? strchr("0123456789abcdef", text_lower(c)) : NULL;

	return at ? (int)(at - "0123456789abcdef") : -1;
}

/* Takes the \xHH out of s, in place; returns the new length. */
static size_t unescape(char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (i + 3 < len && s[i] == '\\' && s[i + 1] == 'x' && hex(s[i + 2]) >= 0 && hex(s[i + 3]) >= 0) {
			s[n++] = (char)(hex(s[i + 2]) * 16 + hex(s[i + 3]));
			i += 3;
		} else {
			s[n++] = s[i];
		}
	}
	return n;
}

static void add(struct bytes *list, size_t *n, size_t max, const char *p, size_t len)
{
	if (*n < max)
		list[(*n)++] = (struct bytes){mem_dup_bytes(p, len), len};
}

static void add_seed(char *p, size_t len)
{
	add(seeds, &n_seeds, MAX_SEEDS, p, unescape(p, len));
}

static void split(char *text)
{
	static const char mark[] = "\n=====\n";

	for (char *next; (next = strstr(text, mark)); text = next + sizeof(mark) - 1)
		add_seed(text, (size_t)(next - text));
	add_seed(text, strlen(text) - text_has_prefix(text + strlen(text) - (*text != 0), "\n"));
}

static void load_seeds(const char *file)
{
	size_t len, before = n_seeds, name = strlen(file);
	char *bytes = read_file(file, &len);

	if (name > 4 && strcmp(file + name - 4, ".txt") == 0)
		split(bytes);
	else
		add(seeds, &n_seeds, MAX_SEEDS, bytes, len);
	mem_free(bytes);
	if (n_seeds == before)
		(void)printf("# %s has no seed\n", file);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name); /* no locale: the same order everywhere */
}

static int no_dot(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static void load_corpus(const char *top)
{
	auto_free char *directory = mem_printf("%s/tests/fuzz/corpus/%s", top, fuzz_name);
	struct dirent **entries = NULL;
	int n = scandir(directory, &entries, no_dot, by_name);

	for (int i = 0; i < n; i++) {
		auto_free char *path = mem_printf("%s/%s", directory, entries[i]->d_name);

		load_seeds(path);
		free(entries[i]);
	}
	free(entries);
	if (n_seeds == 0) {
		(void)printf("Bail out! %s has no seeds\n", directory);
		exit(EXIT_FAILURE);
	}
}

/* libFuzzer's form: name="value" or "value" a line, \xHH and \" in it. */
static void load_words(const char *top)
{
	auto_free char *path = mem_printf("%s/tests/fuzz/%s.dict", top, strcmp(fuzz_name, "html") == 0 ? "html" : "feed");
	size_t len;
	auto_free char *text = read_file(path, &len);
	char *state = NULL;

	for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		char *begin = line[0] == '#' ? NULL : strchr(line, '"'), *end = strrchr(line, '"'), *to = begin;

		if (!begin || end == begin)
			continue;
		for (char *s = begin + 1; s < end; s++) {
			s += *s == '\\' && (s[1] == '"' || s[1] == '\\');
			*to++ = *s;
		}
		add(words, &n_words, MAX_WORDS, begin, unescape(begin, (size_t)(to - begin)));
	}
}

/* ---- mutations ---- */

static uint64_t state = 0x9E3779B97F4A7C15u;

static size_t below(size_t n) /* xorshift64: the same row of numbers in every run */
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n ? (size_t)((state >> 11) % n) : 0;
}

static void insert(struct buf *b, size_t at, const char *p, size_t len)
{
	char *room;

	if (b->len + len > MUTANT_BYTES || !(room = buf_reserve(b, len)))
		return;
	memmove(b->bytes + at + len, b->bytes + at, b->len - at);
	memcpy(b->bytes + at, p, len);
	buf_grew(b, len);
}

static void mutate(struct buf *b)
{
	size_t at = below(b->len + 1), n = below(b->len - at + 1), k;
	char copy[64], c = (char)below(256);

	switch (below(8)) {
	case 0:
		if (at < b->len)
			b->bytes[at] = c;
		return;
	case 1: /* one bit */
		if (at < b->len)
			b->bytes[at] = (char)(b->bytes[at] ^ (1 << below(8)));
		return;
	case 2: /* a piece gone */
		n = n > 32 ? below(32) : n;
		memmove(b->bytes + at, b->bytes + at + n, b->len - at - n);
		b->len -= n;
		return;
	case 3: /* a piece twice */
		n = n > sizeof(copy) ? sizeof(copy) : n;
		memcpy(copy, b->bytes + at, n);
		insert(b, below(b->len + 1), copy, n);
		return;
	case 4: /* another seed's end */
		k = below(n_seeds);
		n = below(seeds[k].len + 1);
		b->len = at;
		insert(b, at, seeds[k].p + n, seeds[k].len - n);
		return;
	case 5: /* one piece many times */
		k = below(n_words);
		for (n = below(24); n_words && n > 0; n--)
			insert(b, at, words[k].p, words[k].len);
		return;
	default:
		k = below(n_words);
		if (n_words)
			insert(b, at, words[k].p, words[k].len);
	}
}

static double cpu_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void try_mutations(void)
{
	struct buf b = BUF_INIT(1u << 20);
	double end = cpu_s() + ENOUGH_S;
	unsigned n = 0;

	for (; n < MUTATIONS && cpu_s() < end; n++) {
		const struct bytes *seed = &seeds[below(n_seeds)];

		buf_clear(&b);
		buf_append(&b, seed->p, seed->len);
		buf_append(&b, "", 0);
		for (size_t i = below(4) + 1; i > 0 && buf_reserve(&b, 1); i--)
			mutate(&b);
		run(buf_str(&b), b.len);
	}
	(void)printf("ok 2 - %s: %u mutations\n", fuzz_name, n);
	buf_done(&b);
}

/* ---- the command ---- */

static int write_seeds(const char *directory)
{
	for (size_t i = 0; i < n_seeds; i++) {
		auto_free char *path = mem_printf("%s/seed-%04zu", directory, i);
		FILE *f = fopen(path, "wb");

		if (!f || fwrite(seeds[i].p, 1, seeds[i].len, f) != seeds[i].len || fclose(f) != 0) {
			(void)fprintf(stderr, "cannot write %s\n", path);
			return EXIT_FAILURE;
		}
	}
	return EXIT_SUCCESS;
}

static void replay(void)
{
	for (size_t i = 0; i < n_seeds; i++)
		run(seeds[i].p, seeds[i].len);
	(void)printf("ok 1 - %s: %zu seeds\n", fuzz_name, n_seeds);
}

int main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir");
	int rc = EXIT_SUCCESS;

	for (int i = 1; argc > 1 && strcmp(argv[1], "--split") != 0 && i < argc; i++)
		load_seeds(argv[i]);
	if (n_seeds == 0)
		load_corpus(top ? top : ".");
	if (argc == 3 && strcmp(argv[1], "--split") == 0)
		return write_seeds(argv[2]);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(keep_finding);
	else
		(void)signal(SIGSEGV, on_signal);
	(void)signal(SIGABRT, on_signal);
	(void)signal(SIGALRM, on_signal);
	(void)LLVMFuzzerInitialize(&argc, &argv);
	(void)printf("1..%d\n", argc > 1 ? 1 : 2);
	(void)fflush(stdout);
	replay();
	if (argc == 1) {
		load_words(top ? top : ".");
		try_mutations();
	}
	while (n_seeds > 0)
		mem_free(seeds[--n_seeds].p);
	while (n_words > 0)
		mem_free(words[--n_words].p);
	return rc;
}
