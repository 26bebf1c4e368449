#ifndef NET_SERVER_CHECK_H
#define NET_SERVER_CHECK_H
/* The grammar that libmicrohttpd lets pass and we do not (REL-55). Pure. */
#include <stdbool.h>
#include <stddef.h>

/* The request target as sent: origin form, no control bytes, no "..", no "//", no %00. */
bool server_check_target(const char *target);
/* A header line: the name a token, the value without control bytes. */
bool server_check_header(const char *name, size_t name_len, const char *value, size_t value_len);

#endif
