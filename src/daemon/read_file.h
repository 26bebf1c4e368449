#ifndef DAEMON_READ_FILE_H
#define DAEMON_READ_FILE_H
/* One document for the commands that read one. Blocks. */
#include "syndicated/base/buf.h"

/* "-" is standard input. Up to the limit of out. */
must_check int read_file(const char *path, struct buf *out, struct err *err);

#endif
