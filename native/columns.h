#pragma once

#include <napi.h>

#include <cstddef>

namespace nsx {

// A typed array of `count` values: one column of a table that is handed to JavaScript.
template <class Array, class ValueAt>
Array column(Napi::Env env, size_t count, ValueAt&& valueAt) {
  Array array = Array::New(env, count);
  auto* values = array.Data();
  for (size_t i = 0; i < count; i++) values[i] = valueAt(i);
  return array;
}

}  // namespace nsx
