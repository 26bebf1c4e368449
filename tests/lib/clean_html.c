/*
 * The sanitiser for tests: frames on standard input, "<bytes>\n" and the HTML, become frames on standard output, the safe
 * HTML and its text. Arguments: auto, plain or libxml2, which reader; the base URL; bytes of room for the output. A body
 * the reader of plain HTML refuses gives "-1\n" and an empty text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/clean/html.h"
#include "syndicated/base/mem.h"

static void write_frame(const struct buf *b)
{
	(void)printf("%zu\n", b->len);
	(void)fwrite(buf_str(b), 1, b->len, stdout);
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "auto", *base = argc > 2 ? argv[2] : "https://example.org/";
	size_t room = argc > 3 ? (size_t)strtoull(argv[3], NULL, 10) : 2 * (size_t)LIMIT_ITEM_BYTES, len;
	enum html_path by = strcmp(path, "plain") == 0 ? HTML_PATH_PLAIN : strcmp(path, "libxml2") == 0 ? HTML_PATH_LIBXML2 : HTML_PATH_AUTO;

	while (scanf("%zu", &len) == 1 && getchar() == '\n') {
		struct buf out = BUF_INIT(room), text = BUF_INIT(room);
		char *html = mem_alloc_zero(len ? len : 1, 1); /* exactly as long, so that a sanitizer sees a byte read too far */

		if (fread(html, 1, len, stdin) != len)
			return EXIT_FAILURE;
		if (html_clean_by(by, html, len, base, &out, &text))
			write_frame(&out);
		else
			(void)printf("-1\n");
		write_frame(&text);
		mem_free(html);
		buf_done(&out);
		buf_done(&text);
	}
	return EXIT_SUCCESS;
}
