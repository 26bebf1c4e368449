#ifndef SYNDICATED_PARSE_UNPACK_H
#define SYNDICATED_PARSE_UNPACK_H
/*
 * Bodies that are packed although no header said so: gzip (also behind white space a template wrote) and zlib. One
 * layer; a packed body in a packed body stays packed. Streams, so memory is the output's.
 */
#include <stddef.h>

#include "syndicated/base/buf.h"
#include "syndicated/model/problem.h"

/*
 * Appends the unpacked bytes to out and returns 0; out stays empty when bytes are not packed. A stream that ends early or
 * is damaged gives what could be read and a problem. ERR_TOO_BIG, with message set, past out's limit or when it expands like a bomb
 * (LIMIT_EXPANSION_RATIO).
 */
must_check int unpack_body(const char *bytes, size_t len, struct buf *out, struct problem_list *problems, struct err *message);

#endif
