#include <cstdlib>

// GCC 11 and later call this where a container would grow beyond all memory; with it alone, the
// addon would ask for a libstdc++ (GLIBCXX_3.4.29) that systems which Node 20 supports do not have.
// Without exceptions, to end the process is what the library's own would do.
namespace std {
[[noreturn]] void __throw_bad_array_new_length();
void __throw_bad_array_new_length() { abort(); }
}  // namespace std
