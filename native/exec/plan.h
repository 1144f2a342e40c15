// What nsx-exec is handed: steps, to be done in order. src/model/exec-plan.ts says what each means;
// src/act/encode-plan.ts writes the bytes.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// In the order of the table in src/act/operations.ts.
enum operation {
  kMonitor = 1,
  kBeside,
  kGo,
  kPidfd,
  kAlive,
  kOpenDirectory,
  kOpenNamespace,
  kOpenById,
  kOpenBySocket,
  kOpenOwner,
  kWrite,
  kWriteOwn,
  kMapTool,
  kBindNamespace,
  kSeal,
  kSetns,
  kUnshare,
  kChroot,
  kChrootPath,
  kChdir,
  kChdirPath,
  kCloseSlots,
  kSpawn,
  kInit,
  kMount,
  kFileOver,
  kHostname,
  kLoopback,
  kPinCpu,
  kGroups,
  kGid,
  kUid,
  kAmbient,
  kCapabilities,
  kNoNewPrivs,
  kUmask,
  kLimit,
  kDeathSignal,
  kExec,
  kOperations,
};

enum { kMostSteps = 1024, kMostFields = 6, kSlots = 64 };

// A field is a number, a text, a list of numbers or a list of texts.
union field {
  int64_t number;
  const char *text;
  struct {
    uint32_t count;
    const char *bytes;  // eight for each number
  } numbers;
  struct {
    uint32_t count;
    const char *first;  // each ends with a NUL, and is followed by the size of the next
  } texts;
};

struct step {
  enum operation operation;
  bool optional;
  uint32_t group;
  const char *what;
  uint32_t advices;
  const char *advice;
  union field fields[kMostFields];
};

struct plan {
  uint32_t count;
  struct step steps[kMostSteps];
};

// Reads a sealed memfd, all of it and nothing else, and checks it to the last byte.
// NULL: it is good; else what is wrong with it.
const char *plan_read(int fd, struct plan *plan);

// The nth number of a list.
int64_t plan_number(const union field *list, uint32_t index);

// The texts of a list with a NULL at the end, in memory of their own; NULL: there is none left.
char **plan_texts(const union field *list);

// What a refusal means; false: nothing is known of it. Texts may be empty.
bool plan_advice(const struct step *step, int error, const char **why, const char **hint);
