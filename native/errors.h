#pragma once

#include <napi.h>

#include <string>

namespace nsx {

// An Error as node:fs throws it: code, errno (negative), syscall, path.
void throwErrno(Napi::Env env, int error, const char* syscall, const std::string& path);

}  // namespace nsx
