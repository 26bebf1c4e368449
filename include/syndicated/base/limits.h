#ifndef SYNDICATED_BASE_LIMITS_H
#define SYNDICATED_BASE_LIMITS_H
/*
 * Every limit that is not an option of the configuration, with its unit and reason. Each has a test.
 */

/* Feed documents (REL-5 to REL-9). */
#define LIMIT_FEED_BYTES (16u << 20)       /* a document after decompression, and as UTF-8; the default of fetch.max-size */
#define LIMIT_FEED_ITEMS 10000u            /* the newest are kept */
#define LIMIT_FEED_TEXT_BYTES (8u << 20)   /* of all items, as read; the first ones are kept. Real feeds have 3 MiB at most */
#define LIMIT_DOCUMENT_BYTES (8u << 20)    /* HTML and summaries of all items, as cleaned: what is escaped grows */
#define LIMIT_FIELD_BYTES (1u << 20)       /* decoded text of one field */
#define LIMIT_ITEM_BYTES (2u << 20)        /* all fields of an item */
#define LIMIT_XML_DEPTH 256u
#define LIMIT_XML_ATTRIBUTES 256u          /* of one element */
#define LIMIT_XML_NAMES 16384u             /* different names, prefixes and namespaces of one document; feeds have some hundred at most */
#define LIMIT_XML_TAG_BYTES (64u << 10)    /* unparsed bytes inside a start tag */
#define LIMIT_XML_TOKEN_BYTES (2u << 20)   /* unparsed bytes inside CDATA, comment, PI */
#define LIMIT_JSON_BYTES (2u << 20)        /* unread bytes of one item, or of the document around its items */
#define LIMIT_JSON_VALUES 16384u           /* of the same: a value takes 50 to 300 bytes when it is read */
#define LIMIT_ITEM_LIST 64u                /* authors, categories, enclosures of one item, each */
#define LIMIT_TITLE_BYTES 1024u            /* title as stored */
#define LIMIT_SUMMARY_BYTES (16u << 10)
#define LIMIT_SHORT_BYTES 512u             /* names, terms, languages */
#define LIMIT_URL_BYTES (8u << 10)
#define LIMIT_HTML_DEPTH 128u              /* deeper elements are flattened (REL-92) */
#define LIMIT_PROBLEMS 32u                 /* kept of one document */

/* HTTP as a client. */
#define LIMIT_POLL_BY_HAND_MS 300000       /* from a request to one that somebody asked for, polling.md R62; less where poll.min is */
#define LIMIT_REDIRECTS 5u                 /* polling.md R51 */
#define LIMIT_VALIDATOR_BYTES 1024u        /* polling.md R14 */
#define LIMIT_HEADER_LINES 256u            /* polling.md R113 */
#define LIMIT_HEADER_BYTES (64u << 10)
#define LIMIT_EXPANSION_RATIO 200          /* unpacked : packed beyond 1 MiB is a bomb, polling.md R110 */
#define LIMIT_EXPANSION_FREE_BYTES (1u << 20)
#define LIMIT_REQUEST_HEADERS 40u              /* of one request; 32 of them may be the operator's */
#define LIMIT_CONTENT_CODINGS 5                /* compressions on top of each other, polling.md R112 */
#define LIMIT_WEBHOOK_REPLY_BYTES (64u << 10) /* read of a receiver's answer, push.md D-7 */
#define LIMIT_RESOLVER_THREADS 16u
#define LIMIT_RESOLVER_QUEUE 4096u
#define LIMIT_RESOLVER_CACHE 65536u
#define LIMIT_RESOLVED_ADDRESSES 32u           /* of one name; more cannot all be tried within the connect timeout */
#define LIMIT_RESOLVE_MS 10000
#define LIMIT_CONNECT_MS 15000
#define LIMIT_LOW_SPEED_BYTES_S 200
#define LIMIT_LOW_SPEED_S 20
#define LIMIT_TLS_SESSIONS 16384u              /* kept of all hosts; one takes 1 to 3 KB */
#define LIMIT_TLS_SESSION_BYTES (16u << 20)
#define LIMIT_TLS_OPEN_SESSIONS 512u             /* of these also as objects, which take up to 20 KB: reading one costs as much CPU as a TCP transfer */
#define LIMIT_TLS_SESSION_S 86400              /* the certificate of a session that is taken up again was verified when it was made */
#define LIMIT_HSTS_HOSTS 16384u                /* some 100 bytes each */
#define LIMIT_REQUEST_REPEATS 1                /* by libcurl, of what died before any byte of an answer (polling.md R75) */
#define LIMIT_HSTS_BYTES (8u << 20)            /* of all of them as they are saved; a name has 253 bytes at most */
#define LIMIT_HTTP2_FAILURES 2                 /* in a row; then the host is asked by HTTP/1.1 (polling.md R91) */
#define LIMIT_HTTP2_HOSTS 4096u                /* that have failed, remembered */
#define LIMIT_HTTP2_AVOID_MS (7 * 86400000LL)
#define LIMIT_TRUST_LOOK_MS 600000             /* how soon a changed file of trusted certificates is noticed */

/* HTTP as a server. */
#define LIMIT_SERVER_CONNECTIONS 1024u
#define LIMIT_SERVER_CONNECTIONS_PER_ADDRESS 64u
#define LIMIT_SERVER_IDLE_S 30u
#define LIMIT_FIGURES_BYTES (64u << 10) /* what is written for one request; ours takes 4 kB */
#define LIMIT_REQUEST_BODY_BYTES (64u << 10) /* control socket only; the public port takes no body */

/* Ingest workers. */
#define LIMIT_WORKER_FRAME_BYTES (64u << 20)
#define LIMIT_WORKER_KEPT_BYTES (1u << 20)   /* of a buffer between two jobs */
#define LIMIT_WORKER_ADDRESS_BYTES (1024u << 20) /* RLIMIT_AS */
#define LIMIT_START_CHECK_MS 1500 /* of the store's own integrity, before anything else */
#define LIMIT_WORKER_JOB_MS 10000                /* wall clock of one job; then the worker is killed */
#define LIMIT_WORKER_JOBS 20000u                 /* then the worker retires, against slow leaks */
#define LIMIT_WORKER_CPU_S 300                   /* of one worker's life; then it retires. RLIMIT_CPU is twice that */
#define LIMIT_MEMO_ITEMS 32768                   /* that a worker knows again: 3 MB */
#define LIMIT_WORKER_RESTART_MS 1000             /* before one that died without a job is started again */

/* Publishing. */
#define LIMIT_SNAPSHOT_BYTES (64u << 20)           /* one rendered document */

/* What the schedule keeps of a source, as bytes that only it understands. */
#define LIMIT_LEARNED_BYTES 256u
#define LIMIT_FEATURES_BYTES 768u                /* of an item, for stories: STORY_BLOB_BYTES */

/* Items of one source (features.md B16, push.md F-2). */
#define LIMIT_ITEM_UPDATES_A_DAY 4               /* announced of one item; further ones are stored */
#define LIMIT_SOURCE_UPDATES_A_DAY 100           /* announced of one source */
#define LIMIT_FLOOD_ITEMS 10u                    /* so many new at once, and */
#define LIMIT_FLOOD_PERCENT 80u                  /* so much of the document, is no news unless it was to be expected */

/* Queues (items). */
#define LIMIT_STORE_QUEUE 1024u
#define LIMIT_READER_QUEUE 1024u
#define LIMIT_SEARCH_QUERY_BYTES 1024u
#define LIMIT_SEARCH_TEXT_BYTES (256u << 10)     /* of an item, in the index of words */
#define LIMIT_SEARCH_MS 1000                     /* for one search */
#define LIMIT_LEAP_DAYS 30                       /* ahead: a clock that moves so far at once may be wrong, and nothing is removed by age */
#define LIMIT_LEAP_HOLD_DAYS 7                   /* for so long, until somebody has put it right */
#define LIMIT_STORE_BATCH 64u                    /* results committed together */
#define LIMIT_STORE_GATHER_MS 20                 /* how long a result without news waits for others: a commit costs as much as many rows */

/* A pattern on one item (REL-27). */
#define LIMIT_MATCH_TEXT_BYTES (32u << 10)         /* of an item's content that patterns look at */
#define LIMIT_MATCH_STEPS 500000u                /* items of the pattern tried, over the whole subject: some milliseconds */
#define LIMIT_MATCH_DEPTH 20000u                 /* nested places to come back to */
#define LIMIT_MATCH_HEAP_KIB (8u << 10)

/* Configuration. */
#define LIMIT_CONFIG_BYTES (64u << 20)
#define LIMIT_CONFIG_TREE_BYTES (1024u << 20)    /* of one check; 64 MiB of short values need about this much */
#define LIMIT_CONFIG_SOURCES 1000000u
#define LIMIT_CONFIG_ERRORS 100u                 /* shown of one check */

/* Webhooks. */
#define LIMIT_WEBHOOK_BODY_BYTES (256u << 10)
#define LIMIT_WEBHOOK_TEXT_BYTES 500u            /* plain summary in a body; the rest is behind the link (push.md W18) */
#define LIMIT_FANOUT_EVENTS 256u                 /* events turned into deliveries in one transaction */

/* Stories. */
#define LIMIT_RELATED_STORIES 5u                 /* named beside a story in feeds and webhooks: the newest of its group */
#define LIMIT_RELATED_LOOKED_AT 20u              /* of its group, the newest, to find those that the feed takes */

#endif
