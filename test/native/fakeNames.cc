#include "fakeNames.h"

#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <mutex>

extern "C" {
int __real_getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**);
int __real_getnameinfo(const sockaddr*, socklen_t, char*, socklen_t, char*, socklen_t, int);
}

namespace ics::test {
namespace {

// Never destroyed: lookup threads may still be here when the program ends.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  int held = 0;
  bool open = false;
};

Gate& gate() {
  static Gate* const only = new Gate();
  return *only;
}

std::atomic<int> calls{0};

void hold() {
  Gate& at = gate();
  std::unique_lock<std::mutex> lock(at.mutex);
  ++at.held;
  at.changed.wait(lock, [&] { return at.open; });
  --at.held;
}

int literal(const char* text, const addrinfo* hints, addrinfo** answer) {
  return __real_getaddrinfo(text, nullptr, hints, answer);
}

int many(const addrinfo* hints, addrinfo** answer) {
  addrinfo** tail = answer;
  for (const char* text : {"10.0.0.2", "::1", "10.0.0.2", "10.0.0.1"}) {
    const int failed = literal(text, hints, tail);
    if (failed != 0) return failed;
    while (*tail != nullptr) tail = &(*tail)->ai_next;
  }
  return 0;
}

bool signalsAreBlocked() {
  sigset_t blocked;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  return ::sigismember(&blocked, SIGINT) == 1 && ::sigismember(&blocked, SIGTERM) == 1 &&
         ::sigismember(&blocked, SIGPROF) == 1;
}

}  // namespace

int heldNow() {
  const std::lock_guard<std::mutex> lock(gate().mutex);
  return gate().held;
}

int nameCalls() { return calls; }

void releaseHeld() {
  const std::lock_guard<std::mutex> lock(gate().mutex);
  gate().open = true;
  gate().changed.notify_all();
}

void holdAgain() {
  const std::lock_guard<std::mutex> lock(gate().mutex);
  gate().open = false;
}

}  // namespace ics::test

extern "C" int __wrap_getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                                  addrinfo** answer) {
  using namespace ics::test;
  ++calls;
  const auto is = [&](const char* other) { return std::strcmp(name, other) == 0; };
  if (is("none.test")) return EAI_NONAME;
  if (is("again.test")) return EAI_AGAIN;
  if (is("fail.test")) return EAI_FAIL;
  if (is("memory.test")) return EAI_MEMORY;
  if (is("many.test")) return many(hints, answer);
  if (is("mask.test") && !signalsAreBlocked()) return EAI_NONAME;
  if (is("hold.test")) hold();
  if (is("hold.test") || is("mask.test")) return literal("127.0.0.1", hints, answer);
  return __real_getaddrinfo(name, service, hints, answer);
}

extern "C" int __wrap_getnameinfo(const sockaddr* address, socklen_t size, char* name,
                                  socklen_t room, char* service, socklen_t serviceRoom, int flags) {
  sockaddr_in four{};
  if (size >= sizeof(four)) std::memcpy(&four, address, sizeof(four));
  const uint32_t number = four.sin_family == AF_INET ? ntohl(four.sin_addr.s_addr) : 0;
  if (number == 0x7f090901) return std::strncpy(name, "one.test", room), 0;
  if (number == 0x7f090902) return std::strncpy(name, "two.test\n10.6.6.6", room), 0;
  if (number == 0x7f090903) return (flags & NI_NAMEREQD) != 0 ? EAI_NONAME : 0;
  return __real_getnameinfo(address, size, name, room, service, serviceRoom, flags);
}
