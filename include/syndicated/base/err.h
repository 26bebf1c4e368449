#ifndef SYNDICATED_BASE_ERR_H
#define SYNDICATED_BASE_ERR_H
/*
 * One code space for everything that can fail.
 *
 * A function that can fail returns 0 or a negative enum error_code. Where a person needs more than the code, it also takes a
 * struct err * as its last parameter (which may be NULL) and writes one bounded sentence there, only on failure.
 * Failures that drive a decision (what did the poll bring?) are typed outcomes of their module instead.
 */
#include <stddef.h>

#define must_check __attribute__((warn_unused_result))
#define format_printf(f, a) __attribute__((format(printf, f, a)))

enum error_code {
	ERR_OK = 0,
	ERR_INVALID = -1,     /* what was given is wrong: syntax, range, type */
	ERR_TOO_BIG = -2,     /* a limit of limits.h was reached */
	ERR_NOT_FOUND = -3,
	ERR_EXISTS = -4,
	ERR_IO = -5,          /* the system refused: file, socket, disk */
	ERR_TIMEOUT = -6,
	ERR_REFUSED = -7,     /* forbidden by policy */
	ERR_CLOSED = -8,      /* the other side is gone, or we are stopping */
	ERR_FULL = -9,        /* a bounded queue is full: try later */
	ERR_CORRUPT = -10,    /* stored or framed bytes make no sense */
	ERR_UNSUPPORTED = -11,
};

#define ERR_MESSAGE_BYTES 1024

struct err {
	enum error_code code;
	char message[ERR_MESSAGE_BYTES];
};

/* Sets code and message when e is not NULL, and returns code, so that a failing function can end in "return err_set(...)". */
int err_set(struct err *e, enum error_code code, const char *format, ...) format_printf(3, 4);

/* Puts "context: " before the message that is already there. Does nothing when e is NULL. */
void err_prefix(struct err *e, const char *format, ...) format_printf(2, 3);

/* A short English name, never NULL: "invalid", "too big". */
const char *err_name(int code);

#endif
