#ifndef TESTS_FAULT_MEMORY_H
#define TESTS_FAULT_MEMORY_H
/*
 * An allocator for the libraries' hooks that has nothing left at the n-th request, once or from then on (REL-73). What we
 * allocate ourselves goes past it: base/mem.h ends the program when there is nothing left.
 */
#include <stdbool.h>
#include <stddef.h>

void memory_fail_at(long n, bool for_good); /* 0: never. Counts from 1 again */
void memory_stop(void);                     /* it is there again; what was counted stays */
void memory_pause(bool pause);              /* what is asked for meanwhile is neither counted nor refused */
long memory_requests(void);                 /* since then */
bool memory_has_failed(void);
long memory_held(void); /* blocks that were given out and not given back yet */

void *memory_alloc(size_t size);
void *memory_resize(void *p, size_t size);
void memory_free(void *p);
char *memory_dup(const char *s);
size_t memory_size(void *p);

#endif
