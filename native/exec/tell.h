// What the helper says when something went wrong.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "plan.h"

enum { kMessageSize = 1024, kFailure = 125, kNotExecutable = 126, kNotFound = 127 };

// `cannot WHAT: words (ERRNO): why`, and the hint on a line of its own, on standard error.
// `message` gets the first line.
void tell_refusal(const struct step *step, int error, char message[kMessageSize]);

// The same with a reason that is known here only; `why` and `hint` may be NULL.
void tell(const char *what, int error, const char *why, const char *hint,
          char message[kMessageSize]);
