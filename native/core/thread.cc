#include "thread.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>

#include <cerrno>
#include <new>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

// glibc 2.34 moved these functions into libc under a new version name. A binary made there would
// not load on an older system (see scripts/make-prebuilt.mjs), so the old names are asked for. Not
// in sanitizer builds: they put their own functions under the plain names.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if __GLIBC_PREREQ(2, 34)
#if defined(__x86_64__) && !defined(__ILP32__)
#define ICS_OLD_VERSION(name) __asm__(".symver " #name "," #name "@GLIBC_2.2.5")
#elif defined(__aarch64__)
#define ICS_OLD_VERSION(name) __asm__(".symver " #name "," #name "@GLIBC_2.17")
#endif
#endif
#endif
#if defined(ICS_OLD_VERSION)
ICS_OLD_VERSION(dladdr);
ICS_OLD_VERSION(dlclose);
ICS_OLD_VERSION(dlopen);
ICS_OLD_VERSION(pthread_attr_setstacksize);
ICS_OLD_VERSION(pthread_create);
ICS_OLD_VERSION(pthread_sigmask);
#endif

namespace ics {
namespace {

// Enough for getaddrinfo and the modules of nsswitch.conf, which keep whole answers on the stack.
constexpr size_t kStackSize = 1 << 20;

struct Start {
  void (*body)(void*);
  void* argument;
  const char* name;
};

void* runThread(void* data) {
  const Start start = *static_cast<Start*>(data);
  delete static_cast<Start*>(data);
#if defined(__linux__)
  ::prctl(PR_SET_NAME, start.name, 0, 0, 0);
#endif
  start.body(start.argument);
  return nullptr;
}

}  // namespace

int startDetachedThread(void (*body)(void*), void* argument, const char* name) {
  Start* start = new (std::nothrow) Start{body, argument, name};
  if (!start) return -ENOMEM;
  pthread_attr_t attributes;
  int failed = ::pthread_attr_init(&attributes);
  if (failed == 0) {
    ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    ::pthread_attr_setstacksize(&attributes, kStackSize);  // refused: the default will do
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    failed = ::pthread_create(&thread, &attributes, runThread, start);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::pthread_attr_destroy(&attributes);
  }
  if (failed != 0) delete start;
  return -failed;
}

void keepLibraryLoaded() {
#if defined(RTLD_NODELETE) && defined(RTLD_NOLOAD)
  static char here;
  Dl_info info{};
  if (::dladdr(&here, &info) == 0 || info.dli_fname == nullptr) return;
  void* library = ::dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  if (library) ::dlclose(library);  // the mark stays
#endif
}

}  // namespace ics
