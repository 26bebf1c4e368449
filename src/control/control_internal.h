#ifndef CONTROL_INTERNAL_H
#define CONTROL_INTERNAL_H
/* What commands (control.c) and answers (answers.c) share. */
#include "syndicated/control.h"
#include "syndicated/net/server.h"

/* The exchange outlives its client (net/server.c), so a late answer always finds it. */
struct control_call {
	struct exchange *exchange;
};

#endif
