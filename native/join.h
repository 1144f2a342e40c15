#pragma once

#include <cstdint>
#include <functional>

#include "handle_args.h"

namespace nsx {

// The types that a thread of ours may join without taking anything from the others (setns(2)):
// CLONE_NEW* bits.
extern const uint32_t kJoinable;

// Runs `body` in the namespace of args.handles[0], on a thread of its own that ends afterwards;
// waits for it. 0 or an errno: then it was not run. EINVAL: not of one of these types.
int runInside(const HandleArgs& args, uint32_t types, const std::function<void()>& body);

}  // namespace nsx
