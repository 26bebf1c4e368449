#include "syndicated/model/outcome.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name; /* stored and shown by syndicatectl: never changes */
	const char *text;
	bool success;
} outcomes[POLL_OUTCOMES] = {
	[POLL_OK] = {"ok", "the feed was read", true},
	[POLL_UNCHANGED] = {"unchanged", "the server sent the same document again", true},
	[POLL_NOT_MODIFIED] = {"not-modified", "the server said that nothing has changed (304)", true},
	[POLL_DAMAGED] = {"damaged", "the document is broken; what could be read of it was taken", true},
	[POLL_NOT_A_FEED] = {"not-a-feed", "the answer is not a feed", false},
	[POLL_HTTP_PROTOCOL] = {"http-protocol", "the answer breaks the rules of HTTP", false},
	[POLL_REDIRECT_BAD] = {"redirect-bad", "the redirects lead nowhere", false},
	[POLL_BLOCKED] = {"blocked", "our own policy forbids this address; no connection was made", false},
	[POLL_CLIENT_ERROR] = {"client-error", "the server refused the request (4xx)", false},
	[POLL_AUTH] = {"auth", "the server asks for a user name and password (401)", false},
	[POLL_FORBIDDEN] = {"forbidden", "the server forbids access (403)", false},
	[POLL_CHALLENGE] = {"challenge", "the server sent a test for robots instead of the feed", false},
	[POLL_MISSING] = {"missing", "there is no such document (404)", false},
	[POLL_TRANSIENT] = {"transient", "the server asks to try again (408, 425)", false},
	[POLL_GONE] = {"gone", "the feed has been removed for good (410)", false},
	[POLL_LIMITED] = {"limited", "the server asks for fewer requests (429, 503)", false},
	[POLL_SERVER_ERROR] = {"server-error", "the server answered with an error (5xx)", false},
	[POLL_SERVER_ODD] = {"server-odd", "the server answered with an unusual error", false},
	[POLL_DNS_TEMPORARY] = {"dns-temporary", "the host name could not be looked up just now", false},
	[POLL_DNS_PERMANENT] = {"dns-permanent", "the host name does not exist", false},
	[POLL_CONNECT] = {"connect", "no connection to the server could be made", false},
	[POLL_TLS_CERT] = {"tls-cert", "the certificate of the server is not valid", false},
	[POLL_TLS] = {"tls", "no secure connection could be made", false},
	[POLL_STALL] = {"stall", "the answer did not come, came too slowly or ended early", false},
	[POLL_HTTP2] = {"http2", "the HTTP/2 connection failed", false},
	[POLL_OVERSIZE] = {"oversize", "the document is larger than allowed", false},
	[POLL_ENCODING] = {"encoding", "the answer is compressed in a way that cannot be read", false},
	[POLL_WORKER] = {"worker", "reading the document failed: the worker crashed or took too long", false},
	[POLL_LOCAL] = {"local", "something is wrong on our side, not with the source", false},
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
