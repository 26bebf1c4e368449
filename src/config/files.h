#ifndef SYNDICATED_CONFIG_FILES_H
#define SYNDICATED_CONFIG_FILES_H
/* Configuration files on disk: reading one whole, and finding those that an include names. Blocking. */
#include "report.h"

#include "syndicated/base/fingerprint.h"
#include "syndicated/model/spec.h"

struct file_list {
	struct string_list paths;
};

/* NULL, with a complaint at `named_at` (or about the file itself when that is NULL), when it cannot be read. */
struct config_file *file_read(const char *path, const struct place *named_at, struct report *report);
struct config_file *file_free(struct config_file *f);
/*
 * Finds the blocks at the outermost level that begin with "name:" and end before the next key there; adds their text to the
 * fingerprint, and with leave_out makes their lines empty, so that other lines keep their numbers.
 */
void file_take_blocks(struct config_file *f, const char *name, bool leave_out, struct fingerprint_state *fingerprint);
/* A file, or the *.yaml of a directory in the order of their names. */
void files_find(const char *path, struct place named_at, struct file_list *ret, struct report *report);

#endif
