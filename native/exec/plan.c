#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#ifndef F_GET_SEALS
#define F_GET_SEALS 1034
#endif

enum { kSealSeal = 1, kSealShrink = 2, kSealGrow = 4, kSealWrite = 8 };

static const int kAllSeals = kSealSeal | kSealShrink | kSealGrow | kSealWrite;
static const char kMagic[8] = {'N', 'S', 'X', 'P', 'L', 'A', 'N', '1'};

// n: number, t: text, N: numbers, T: texts.
static const char *const kFields[kOperations] = {
    [kMonitor] = "nnn",
    [kBeside] = "",
    [kGo] = "n",
    [kPidfd] = "nnnn",
    [kAlive] = "n",
    [kOpenDirectory] = "nt",
    [kOpenNamespace] = "ntnn",
    [kOpenById] = "nnnn",
    [kOpenBySocket] = "nnn",
    [kOpenOwner] = "nn",
    [kWrite] = "tt",
    [kWriteOwn] = "tt",
    [kMapTool] = "tT",
    [kBindNamespace] = "tt",
    [kSeal] = "N",
    [kSetns] = "nn",
    [kUnshare] = "nn",
    [kChroot] = "n",
    [kChrootPath] = "t",
    [kChdir] = "n",
    [kChdirPath] = "t",
    [kCloseSlots] = "",
    [kSpawn] = "nn",
    [kInit] = "",
    [kMount] = "tttnt",
    [kFileOver] = "tt",
    [kHostname] = "t",
    [kLoopback] = "",
    [kPinCpu] = "",
    [kGroups] = "Nn",
    [kGid] = "n",
    [kUid] = "nn",
    [kAmbient] = "",
    [kCapabilities] = "nnnnn",
    [kNoNewPrivs] = "",
    [kUmask] = "n",
    [kLimit] = "nnn",
    [kDeathSignal] = "n",
    [kExec] = "tTT",
};

struct cursor {
  const char *at;
  size_t left;
  bool broken;
};

static const char *take(struct cursor *cursor, size_t size) {
  if (cursor->left < size) cursor->broken = true;
  if (cursor->broken) return NULL;
  const char *taken = cursor->at;
  cursor->at += size;
  cursor->left -= size;
  return taken;
}

static uint32_t take_u32(struct cursor *cursor) {
  uint32_t value = 0;
  const char *from = take(cursor, sizeof value);
  if (from != NULL) memcpy(&value, from, sizeof value);
  return value;
}

static int64_t take_i64(struct cursor *cursor) {
  int64_t value = 0;
  const char *from = take(cursor, sizeof value);
  if (from != NULL) memcpy(&value, from, sizeof value);
  return value;
}

// A text holds no NUL but the one at its end, so it is what it seems to be.
static const char *take_text(struct cursor *cursor) {
  const uint32_t size = take_u32(cursor);
  const char *text = take(cursor, (size_t)size + 1);
  if (text == NULL) return "";
  if (memchr(text, '\0', (size_t)size + 1) != text + size) cursor->broken = true;
  return text;
}

static void take_field(struct cursor *cursor, char kind, union field *field) {
  switch (kind) {
    case 'n':
      field->number = take_i64(cursor);
      break;
    case 't':
      field->text = take_text(cursor);
      break;
    case 'N':
      field->numbers.count = take_u32(cursor);
      field->numbers.bytes = take(cursor, (size_t)field->numbers.count * sizeof(int64_t));
      break;
    default:
      field->texts.count = take_u32(cursor);
      field->texts.first = cursor->at;
      for (uint32_t i = 0; i < field->texts.count && !cursor->broken; i++) take_text(cursor);
  }
}

static void take_step(struct cursor *cursor, struct step *step) {
  const uint32_t operation = take_u32(cursor);
  const uint32_t flags = take_u32(cursor);
  step->group = take_u32(cursor);
  step->what = take_text(cursor);
  step->advices = take_u32(cursor);
  step->advice = cursor->at;
  for (uint32_t i = 0; i < step->advices && !cursor->broken; i++) {
    take_u32(cursor);
    take_text(cursor);
    take_text(cursor);
  }
  if (operation == 0 || operation >= kOperations || flags > 1) cursor->broken = true;
  if (cursor->broken) return;
  step->operation = (enum operation)operation;
  step->optional = flags == 1;
  const char *kinds = kFields[operation];
  for (size_t i = 0; kinds[i] != '\0'; i++) take_field(cursor, kinds[i], &step->fields[i]);
}

static bool has_slot(enum operation operation) {
  return (operation >= kPidfd && operation <= kOpenOwner) || operation == kSetns ||
         operation == kChroot || operation == kChdir;
}

// A plan ends with the only exec; slots are in range.
static const char *check(const struct plan *plan) {
  for (uint32_t i = 0; i < plan->count; i++) {
    const struct step *step = &plan->steps[i];
    if ((step->operation == kExec) != (i + 1 == plan->count)) return "its last step is no exec";
    const int64_t slot = step->fields[0].number;
    if (has_slot(step->operation) && (slot < 0 || slot >= kSlots)) return "a slot is out of range";
    if (step->operation == kExec && step->fields[1].texts.count == 0) return "the command is empty";
  }
  return plan->count == 0 ? "it is empty" : NULL;
}

const char *plan_read(int fd, struct plan *plan) {
  struct stat facts;
  const int seals = fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & kAllSeals) != kAllSeals) return "it is not a sealed memfd";
  if (fstat(fd, &facts) != 0 || facts.st_size <= 0) return "it cannot be read";
  // It stays mapped: what is in it is used until the exec.
  const char *bytes = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED) return "it cannot be mapped";
  struct cursor cursor = {.at = bytes, .left = (size_t)facts.st_size};
  const char *magic = take(&cursor, sizeof kMagic);
  if (magic == NULL || memcmp(magic, kMagic, sizeof kMagic) != 0) return "it is of another version";
  plan->count = take_u32(&cursor);
  if (plan->count > kMostSteps) return "it has too many steps";
  for (uint32_t i = 0; i < plan->count; i++) take_step(&cursor, &plan->steps[i]);
  if (cursor.broken || cursor.left != 0) return "it is broken";
  return check(plan);
}

int64_t plan_number(const union field *list, uint32_t index) {
  int64_t value;
  memcpy(&value, list->numbers.bytes + (size_t)index * sizeof value, sizeof value);
  return value;
}

char **plan_texts(const union field *list) {
  char **texts = calloc((size_t)list->texts.count + 1, sizeof *texts);
  if (texts == NULL) return NULL;
  struct cursor cursor = {.at = list->texts.first, .left = SIZE_MAX / 2};
  for (uint32_t i = 0; i < list->texts.count; i++) texts[i] = (char *)take_text(&cursor);
  return texts;
}

bool plan_advice(const struct step *step, int error, const char **why, const char **hint) {
  struct cursor cursor = {.at = step->advice, .left = SIZE_MAX / 2};
  for (uint32_t i = 0; i < step->advices; i++) {
    const int32_t of = (int32_t)take_u32(&cursor);
    *why = take_text(&cursor);
    *hint = take_text(&cursor);
    if (of == 0 || of == error) return true;
  }
  *why = *hint = NULL;
  return false;
}
