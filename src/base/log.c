#include "syndicated/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/text.h"

enum { LINE_CHARACTERS = 2000, LINE_BYTES = LINE_CHARACTERS * 4 + 64 };

static const char *const level_names[] = {"error", "warning", "info", "debug"};
static const char journal_priorities[] = {'3', '4', '6', '7'}; /* sd-daemon(3) */

static _Atomic int threshold_now = LOG_LEVEL_INFO;
static atomic_bool to_journal;

/* The variable names device and inode of the stream; a program started by a service may have been redirected since (systemd.exec(5)). */
static bool journal_reads_stderr(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) != 0)
		return false;
	(void)snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, ours) == 0;
}

void log_init(enum log_level threshold)
{
	atomic_store(&to_journal, journal_reads_stderr());
	log_set_threshold(threshold);
}

void log_set_threshold(enum log_level threshold)
{
	atomic_store(&threshold_now, (int)threshold);
}

bool log_level_parse(const char *name, enum log_level *ret)
{
	for (size_t i = 0; name != NULL && i < sizeof(level_names) / sizeof(level_names[0]); i++) {
		if (strcmp(name, level_names[i]) == 0) {
			*ret = (enum log_level)i;
			return true;
		}
	}
	return false;
}

bool log_enabled(enum log_level level)
{
	return (int)level <= atomic_load(&threshold_now);
}

/* Writes one character so that no terminal and no reader of lines takes it for a command. Returns its length. */
static size_t escape(uint32_t c, char *out, size_t size)
{
	bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
	bool is_separator = c == 0x2028 || c == 0x2029;
	bool is_direction = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);

	if (c == '\n')
		return (size_t)snprintf(out, size, "\\n");
	if (is_control)
		return (size_t)snprintf(out, size, "\\x%02x", (unsigned)c);
	if (is_separator || is_direction)
		return (size_t)snprintf(out, size, "\\u%04x", (unsigned)c);
	return text_encode(c, out);
}

static size_t write_prefix(enum log_level level, char *out, size_t size)
{
	char time[TEXT_RFC3339_BYTES];

	if (atomic_load(&to_journal))
		return (size_t)snprintf(out, size, "<%c>", journal_priorities[level]);
	text_from_time_ms(clock_unix_ms(&clock_system), true, time);
	return (size_t)snprintf(out, size, "%s %s: ", time, level_names[level]);
}

static void write_line(enum log_level level, const char *format, va_list args)
{
	char message[LINE_BYTES], line[LINE_BYTES];
	int saved_errno = errno;

	int printed = vsnprintf(message, sizeof(message), format, args);
	size_t message_len = printed < 0 ? 0 : strlen(message);
	size_t len = write_prefix(level, line, sizeof(line));
	size_t pos = 0, characters = 0;
	while (pos < message_len) {
		/* Escapes count as what they are written as. */
		char escaped[16];
		size_t n = escape(text_next(message, message_len, &pos), escaped, sizeof(escaped));
		characters += n > 4 || escaped[0] == '\\' ? n : 1;
		if (characters > LINE_CHARACTERS)
			break;
		memcpy(line + len, escaped, n);
		len += n;
	}
	line[len++] = '\n';
	/* One write for one line, so that lines of threads do not mix. Nobody can be told that the log failed. */
	while (write(STDERR_FILENO, line, len) < 0 && errno == EINTR)
		continue;
	errno = saved_errno;
}

/* Apart from the writing, which needs much stack: most of what is said is not written. */
void log_write(enum log_level level, const char *format, ...)
{
	va_list args;

	if (!log_enabled(level))
		return;
	va_start(args, format);
	write_line(level, format, args);
	va_end(args);
}
