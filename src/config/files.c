#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"

#define READ_STEP_BYTES    (64u << 10)
#define INCLUDED_FILES_MAX 10000u

/* The directory of path, absolute, so that the configuration means the same wherever the program was started. */
static char *directory_of(const char *path)
{
	char resolved[PATH_MAX];
	char *slash;

	if (!realpath(path, resolved))
		return mem_dup_str("/");
	slash = strrchr(resolved, '/');
	if (slash == resolved)
		slash++;
	return mem_dup_bytes(resolved, (size_t)(slash - resolved));
}

/* 0 or a negative enum error_code; *ret_errno says why reading failed. */
static int read_all(int fd, struct buf *out, int *ret_errno)
{
	for (;;) {
		char *room = buf_reserve(out, READ_STEP_BYTES);
		ssize_t n;

		if (!room)
			return buf_error(out);
		n = read(fd, room, READ_STEP_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			*ret_errno = errno;
			return ERR_IO;
		}
		if (n == 0)
			return 0;
		buf_grew(out, (size_t)n);
	}
}

static void complain(struct report *report, const struct config_file *f, const struct place *named_at, const char *why)
{
	if (named_at)
		report_error(report, *named_at, "%s cannot be read: %s", f->path, why);
	else
		report_error(report, (struct place){f, 0, 0}, "cannot be read: %s", why);
}

/* What is wrong, or NULL and the text in f. */
static const char *read_text(struct config_file *f)
{
	struct buf text = BUF_INIT(LIMIT_CONFIG_BYTES + READ_STEP_BYTES);
	struct stat st;
	const char *why = NULL;
	int error = 0, r;
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return strerror(errno);
	if (fstat(fd, &st) < 0)
		why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		why = S_ISDIR(st.st_mode) ? "it is a directory, not a file" : "it is not an ordinary file";
	if (!why) {
		buf_append_str(&text, "");
		r = read_all(fd, &text, &error);
		if (r == 0 && text.len > LIMIT_CONFIG_BYTES)
			r = ERR_TOO_BIG;
		if (r < 0)
			why = r == ERR_TOO_BIG ? "it is larger than 64 MiB" : strerror(error);
	}
	(void)close(fd);
	if (!why && buf_take(&text, &f->text, &f->len) < 0)
		why = "out of memory";
	buf_done(&text);
	return why;
}

struct config_file *file_read(const char *path, const struct place *named_at, struct report *report)
{
	struct config_file *f = mem_new(struct config_file);
	const char *why;

	f->path = mem_dup_str(path);
	f->dir = directory_of(path);
	why = read_text(f);
	if (!f->text)
		f->text = mem_dup_str("");
	if (!why)
		return f;
	complain(report, f, named_at, why);
	if (named_at)
		return file_free(f);
	return f; /* the complaint is about it, so it lives as long as the report */
}

struct config_file *file_free(struct config_file *f)
{
	if (!f)
		return NULL;
	mem_free(f->path);
	mem_free(f->dir);
	mem_free(f->text);
	mem_free(f);
	return NULL;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_yaml_name(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 5 && strcmp(name + len - 5, ".yaml") == 0;
}

static void find_in_directory(const char *path, struct place named_at, struct file_list *ret, struct report *report)
{
	DIR *dir = opendir(path);
	struct dirent *e;

	if (!dir) {
		report_error(report, named_at, "the directory %s cannot be read: %s", path, strerror(errno));
		return;
	}
	while ((e = readdir(dir))) {
		auto_free char *full = NULL;

		if (!is_yaml_name(e->d_name))
			continue;
		if (ret->paths.n >= INCLUDED_FILES_MAX) {
			report_error(report, named_at, "the directory %s holds more than %u files", path,
				     INCLUDED_FILES_MAX);
			break;
		}
		full = mem_printf("%s/%s", path, e->d_name);
		string_list_add(&ret->paths, full);
	}
	(void)closedir(dir);
	if (ret->paths.n > 0)
		qsort(ret->paths.items, ret->paths.n, sizeof(char *), compare_names);
}

void files_find(const char *path, struct place named_at, struct file_list *ret, struct report *report)
{
	auto_free char *full = path[0] == '/' ? mem_dup_str(path) : mem_printf("%s/%s", named_at.file->dir, path);
	struct stat st;

	if (stat(full, &st) == 0 && S_ISDIR(st.st_mode))
		find_in_directory(full, named_at, ret, report);
	else
		string_list_add(&ret->paths, full); /* a missing file is complained about when it is read */
}

/* A line that begins a key of the outermost level, or ends the document: not one that goes on with what a key has. */
static bool begins_key(const char *line)
{
	return *line && !strchr(" \t\r\n#", *line) && !(line[0] == '-' && strchr(" \t\r\n", line[1]));
}

static bool begins_block(const char *line, const char *name)
{
	size_t len = strlen(name);
	const char *p = line + len + 1;

	if (strncmp(line, name, len) != 0 || line[len] != ':')
		return false;
	p += strspn(p, " \t\r");
	return *p == '\n' || *p == '#'; /* what stands behind the colon is another way to write it */
}

static char *line_end(char *line, char *end)
{
	char *newline = memchr(line, '\n', (size_t)(end - line));

	return newline ? newline + 1 : end;
}

static char *block_end(char *block, char *end)
{
	char *line = line_end(block, end);

	while (line < end && !begins_key(line))
		line = line_end(line, end);
	return line;
}

static void add_text(struct fingerprint_state *fingerprint, char *text, char *end)
{
	char kept = *end;

	*end = '\0';
	fingerprint_add_field(fingerprint, text);
	*end = kept;
}

/* Moves the lines from..end to out; of a block that is left out only their ends. Returns what is behind them. */
static char *keep(char *out, char *from, char *end, bool only_ends)
{
	if (!only_ends) {
		memmove(out, from, (size_t)(end - from));
		return out + (end - from);
	}
	for (char *p = from; p < end; p++)
		if (*p == '\n')
			*out++ = '\n';
	return out;
}

void file_take_blocks(struct config_file *f, const char *name, bool leave_out, struct fingerprint_state *fingerprint)
{
	char *out = f->text, *end = f->text + f->len, *next;

	for (char *line = f->text; line < end; line = next) {
		bool taken = begins_block(line, name);

		next = taken ? block_end(line, end) : line_end(line, end);
		if (taken)
			add_text(fingerprint, line, next);
		out = keep(out, line, next, taken && leave_out);
	}
	*out = '\0';
	f->len = (size_t)(out - f->text);
}
