#ifndef FUZZ_H
#define FUZZ_H
/*
 * What the fuzz targets share (REL-80). A target is one file fuzz_NAME.c with the two functions of libFuzzer below; it
 * is linked with libFuzzer for a campaign (scripts/fuzz) and with replay.c for "make check". Properties that do not
 * hold end the process by abort().
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/ingest.h"
#include "syndicated/model/document.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a worker does once before its first document. */
void fuzz_init(void);

extern const char fuzz_name[]; /* of the target: its folder in corpus/ */

/* Ends the process with a sentence when the property does not hold. */
#define FUZZ_CHECK(property, ...) ((property) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #property, __VA_ARGS__))
_Noreturn void fuzz_fail(const char *file, int line, const char *property, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Clean UTF-8, or NULL. */
void fuzz_check_text(const char *s, const char *what);
/* NULL, or clean UTF-8 that begins with http:// or https://. */
void fuzz_check_url(const char *s, const char *what);
/* TIME_UNKNOWN, or within the years that text can hold. */
void fuzz_check_time(int64_t ms, const char *what);

/*
 * Safe HTML as our writer makes it: allow-listed tags only, well nested, attributes quoted and on the list, no scheme
 * but http, https and mailto. Reads it with a tokenizer of its own, which knows nothing of src/clean.
 */
void fuzz_check_html(const char *html, size_t len);

/* All that document.h promises of one that came out of ingest_run(). */
void fuzz_check_document(const struct feed_document *d);
/* Encoding, decoding and encoding again gives the same bytes. */
void fuzz_check_codec(const struct feed_document *d);
/* One ingest_run() with all of these checks. */
void fuzz_ingest(const struct ingest_request *request);

#endif
