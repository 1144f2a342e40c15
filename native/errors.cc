#include "errors.h"

#include <uv.h>

namespace nsx {

void throwErrno(Napi::Env env, int error, const char* syscall, const std::string& path) {
  char code[32];
  char text[128];
  uv_err_name_r(-error, code, sizeof code);
  uv_strerror_r(-error, text, sizeof text);
  const std::string message = std::string(code) + ": " + text + ", " + syscall + " '" + path + "'";
  Napi::Error thrown = Napi::Error::New(env, message);
  thrown.Set("errno", Napi::Number::New(env, -error));
  thrown.Set("code", Napi::String::New(env, code));
  thrown.Set("syscall", Napi::String::New(env, syscall));
  thrown.Set("path", Napi::String::New(env, path));
  thrown.ThrowAsJavaScriptException();
}

}  // namespace nsx
