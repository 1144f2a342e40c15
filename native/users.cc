#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "exports.h"

namespace nsx {

// userName(uid): string, or null where the user database has none.
Napi::Value userName(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const uid_t uid = info[0].As<Napi::Number>().Uint32Value();
  std::vector<char> buffer(static_cast<size_t>(std::max(1024L, sysconf(_SC_GETPW_R_SIZE_MAX))));
  passwd entry;
  passwd* found = nullptr;
  while (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == ERANGE &&
         buffer.size() < (1u << 20)) {
    buffer.resize(buffer.size() * 2);
  }
  // Which errno means "no such user" depends on the name service (getpwuid_r(3)): all of them do.
  return found ? Napi::String::New(env, found->pw_name) : env.Null();
}

}  // namespace nsx
