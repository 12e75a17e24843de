// Keeps the Linux binary loadable on every system that official Node.js releases support
// (glibc 2.28, GLIBCXX 3.4.25), whatever it was compiled on. Private copies here remove references
// to symbols that only newer libraries export:
//  - std::vector users refer to one function of libstdc++ 3.4.29.
//  - std::shared_ptr asks a variable of glibc 2.32 whether it may count without atomics; a constant
//    "no" is right in a process with threads.
// native/core/thread.cc does the same for functions that only changed their version name.
#include <new>

#if defined(__GLIBCXX__) && defined(__linux__)
namespace std {

__attribute__((visibility("hidden"), noreturn)) void __throw_bad_array_new_length() {
  throw bad_array_new_length();
}

}  // namespace std

extern "C" {
extern __attribute__((visibility("hidden"))) char __libc_single_threaded;
char __libc_single_threaded = 0;
}
#endif
