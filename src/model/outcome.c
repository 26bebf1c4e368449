#include "syndicated/model/outcome.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name; /* stored and shown by syndicatectl: never changes */
	const char *text;
	bool success;
	unsigned char code; /* stored: never changes, and is never used again for another */
} outcomes[POLL_OUTCOMES] = {
	[POLL_OK] = {"ok", "the feed was read", true, 1},
	[POLL_UNCHANGED] = {"unchanged", "the server sent the same document again", true, 2},
	[POLL_NOT_MODIFIED] = {"not-modified", "the server said that nothing has changed (304)", true, 3},
	[POLL_DAMAGED] = {"damaged", "the document is broken; what could be read of it was taken", true, 4},
	[POLL_NOT_A_FEED] = {"not-a-feed", "the answer is not a feed", false, 5},
	[POLL_HTTP_PROTOCOL] = {"http-protocol", "the answer breaks the rules of HTTP", false, 6},
	[POLL_REDIRECT_BAD] = {"redirect-bad", "the redirects lead nowhere", false, 7},
	[POLL_BLOCKED] = {"blocked", "our own policy forbids this address; no connection was made", false, 8},
	[POLL_CLIENT_ERROR] = {"client-error", "the server refused the request (4xx)", false, 9},
	[POLL_AUTH] = {"auth", "the server asks for a user name and password (401)", false, 10},
	[POLL_FORBIDDEN] = {"forbidden", "the server forbids access (403)", false, 11},
	[POLL_CHALLENGE] = {"challenge", "the server sent a test for robots instead of the feed", false, 12},
	[POLL_MISSING] = {"missing", "there is no such document (404)", false, 13},
	[POLL_TRANSIENT] = {"transient", "the server asks to try again (408, 425)", false, 14},
	[POLL_GONE] = {"gone", "the feed has been removed for good (410)", false, 15},
	[POLL_LIMITED] = {"limited", "the server asks for fewer requests (429, 503)", false, 16},
	[POLL_SERVER_ERROR] = {"server-error", "the server answered with an error (5xx)", false, 17},
	[POLL_SERVER_ODD] = {"server-odd", "the server answered with an unusual error", false, 18},
	[POLL_DNS_TEMPORARY] = {"dns-temporary", "the host name could not be looked up just now", false, 19},
	[POLL_DNS_PERMANENT] = {"dns-permanent", "the host name does not exist", false, 20},
	[POLL_CONNECT] = {"connect", "no connection to the server could be made", false, 21},
	[POLL_TLS_CERT] = {"tls-cert", "the certificate of the server is not valid", false, 22},
	[POLL_TLS] = {"tls", "no secure connection could be made", false, 23},
	[POLL_STALL] = {"stall", "the answer did not come, came too slowly or ended early", false, 24},
	[POLL_HTTP2] = {"http2", "the HTTP/2 connection failed", false, 25},
	[POLL_OVERSIZE] = {"oversize", "the document is larger than allowed", false, 26},
	[POLL_ENCODING] = {"encoding", "the answer is compressed in a way that cannot be read", false, 27},
	[POLL_WORKER] = {"worker", "reading the document failed: the worker crashed or took too long", false, 28},
	[POLL_LOCAL] = {"local", "something is wrong on our side, not with the source", false, 29},
};

const char *poll_outcome_name(enum poll_outcome o)
{
	assert((unsigned)o < POLL_OUTCOMES);
	return outcomes[o].name;
}

bool poll_outcome_parse(const char *name, enum poll_outcome *ret)
{
	for (unsigned o = 0; name != NULL && o < POLL_OUTCOMES; o++) {
		if (strcmp(outcomes[o].name, name) == 0) {
			*ret = (enum poll_outcome)o;
			return true;
		}
	}
	return false;
}

const char *poll_outcome_text(enum poll_outcome o)
{
	assert((unsigned)o < POLL_OUTCOMES);
	return outcomes[o].text;
}

bool poll_outcome_is_success(enum poll_outcome o)
{
	assert((unsigned)o < POLL_OUTCOMES);
	return outcomes[o].success;
}

int poll_outcome_code(enum poll_outcome o)
{
	assert((unsigned)o < POLL_OUTCOMES);
	return outcomes[o].code;
}

bool poll_outcome_from_code(int code, enum poll_outcome *ret)
{
	for (unsigned o = 0; code > 0 && o < POLL_OUTCOMES; o++) {
		if (outcomes[o].code == code) {
			*ret = (enum poll_outcome)o;
			return true;
		}
	}
	return false;
}
