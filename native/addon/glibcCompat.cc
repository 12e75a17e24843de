// Keeps the Linux binary loadable on every system that official Node.js releases support
// (glibc 2.28, GLIBCXX 3.4.25). Newer compilers let std::vector users refer to one function that
// only libstdc++ 3.4.29 exports; a private copy here removes that reference.
#include <new>

#if defined(__GLIBCXX__) && defined(__linux__)
namespace std {

__attribute__((visibility("hidden"), noreturn)) void __throw_bad_array_new_length() {
  throw bad_array_new_length();
}

}  // namespace std
#endif
