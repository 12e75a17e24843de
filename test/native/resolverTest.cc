// core/resolver against a resolver that can be held: threads, limits, cancelling, ends.
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "check.h"
#include "fakeNames.h"
#include "memory.h"
#include "resolver.h"
#include "sys.h"

namespace ics {
namespace {

using test::heldNow;

constexpr int kDeadlineMs = 10000;
constexpr int kShortIdleMs = 20;

template <typename Fact>
bool eventually(Fact fact) {
  const uint64_t end = sys::monotonicMicroseconds() + kDeadlineMs * 1000;
  while (!fact()) {
    if (sys::monotonicMicroseconds() > end) return false;
    sys::waitReadable(-1, 1);
  }
  return true;
}

// Pools are never destroyed (their threads could be inside); this keeps them reachable.
LookupPool& newPool(int maxThreads, int idleMs = LookupPool::kIdleMs) {
  static auto* const all = new std::vector<LookupPool*>();
  all->push_back(new LookupPool(maxThreads, idleMs));
  return *all->back();
}

struct Client {
  explicit Client(LookupPool& pool) : resolver(new ResolverClient(pool)) {
    CHECK(resolver->open() == 0);
  }

  int start(const std::string& name, int family = AF_UNSPEC) const {
    LookupRequest request;
    request.name = name;
    request.family = family;
    return resolver->start(std::move(request));
  }

  int startReverse(const char* text) const {
    LookupRequest request;
    CHECK(request.address.parse(text, 0));
    return resolver->start(std::move(request));
  }

  // The id of the next answer, 0 after the deadline.
  int next() const {
    for (int id = 0; sys::waitReadable(resolver->descriptor(), kDeadlineMs) == 1;) {
      id = resolver->arrived();
      if (id != 0) return id;
    }
    return 0;
  }

  // Error number or text of the one lookup under way.
  std::string answer() const {
    const int id = next();
    LookupResult result;
    if (resolver->take(id, result) != 0) return "no answer";
    return result.error != 0 ? std::to_string(result.error) : result.text;
  }

  std::string ask(const std::string& name, int family = AF_UNSPEC) const {
    return start(name, family) > 0 ? answer() : "not started";
  }

  // True when nothing more arrives for lookups that are over.
  bool isSilent() const {
    const int marker = start("127.0.0.1");
    const int id = next();
    LookupResult result;
    return id == marker && resolver->take(id, result) == 0 && resolver->arrived() == 0 &&
           sys::waitReadable(resolver->descriptor(), 0) == 0;
  }

  std::unique_ptr<ResolverClient> resolver;
};

// Holds hold.test while it lives.
struct Hold {
  Hold() { test::holdAgain(); }
  ~Hold() { release(); }
  static void release() {
    test::releaseHeld();
    CHECK(eventually([] { return heldNow() == 0; }));
  }
};

TEST("resolver: a name has all its addresses, in order and none twice") {
  const Client client(newPool(2));
  CHECK(client.ask("many.test") == "10.0.0.2\n::1\n10.0.0.1");
  CHECK(client.ask("127.0.0.1") == "127.0.0.1");
  CHECK(client.ask("::1", AF_INET6) == "::1");
  CHECK(client.ask("localhost", AF_INET) == "127.0.0.1");
}

TEST("resolver: failures are Windows resolver numbers") {
  const Client client(newPool(2));
  CHECK(client.ask("none.test") == "11001");
  CHECK(client.ask("again.test") == "11002");
  CHECK(client.ask("fail.test") == "11003");
  CHECK(client.ask("memory.test") == "11004");
  CHECK(client.ask("::1", AF_INET) >= "11001");
}

TEST("resolver: names that cannot be are answered without asking the system") {
  const Client client(newPool(1));
  const int before = test::nameCalls();
  CHECK(client.ask("") == "11001");
  CHECK(client.ask(std::string("127.0.0.1\0x", 11)) == "11001");
  CHECK(client.ask(std::string(10000, 'a')) == "11001");
  CHECK(test::nameCalls() == before);
}

TEST("resolver: an address has its name, unless that is no text for a log") {
  const Client client(newPool(1));
  const auto ask = [&](const char* text) {
    CHECK(client.startReverse(text) > 0);
    return client.answer();
  };
  CHECK(ask("127.9.9.1") == "one.test");
  CHECK(ask("127.9.9.2") == "11004");
  CHECK(ask("127.9.9.3") == "11001");
}

TEST("resolver: each of 1000 lookups is answered once") {
  const Client client(newPool(4));
  std::set<int> open;
  for (int i = 0; i < 1000; ++i) CHECK(open.insert(client.start("127.0.0.1")).second);
  CHECK(*open.begin() > 0);
  while (!open.empty()) {
    const int id = client.next();
    LookupResult result;
    if (!CHECK(open.erase(id) == 1)) break;
    CHECK(client.resolver->take(id, result) == 0 && result.text == "127.0.0.1");
    CHECK(client.resolver->take(id, result) == -ENOENT);
  }
  CHECK(open.empty());
  CHECK(client.isSilent());
}

TEST("resolver: take before the answer says so, after cancel there is nothing to take") {
  const Hold hold;
  const Client client(newPool(1));
  LookupResult result;
  const int id = client.start("hold.test");
  CHECK(client.resolver->take(id, result) == -EAGAIN);
  CHECK(client.resolver->cancel(id) == 0);
  CHECK(client.resolver->cancel(id) == -ENOENT);
  CHECK(client.resolver->take(id, result) == -ENOENT);
  Hold::release();
  CHECK(client.isSilent());
}

TEST("resolver: a cancelled lookup that waits is not made, one that arrived is not told") {
  const Hold hold;
  const Client client(newPool(1));
  const int running = client.start("hold.test");
  CHECK(eventually([] { return heldNow() == 1; }));
  const int before = test::nameCalls();
  const int waiting = client.start("none.test");
  const int last = client.start("127.0.0.1");
  CHECK(client.resolver->cancel(waiting) == 0);
  Hold::release();
  CHECK(client.next() == running);
  CHECK(client.next() == last);
  CHECK(test::nameCalls() == before + 1);
  CHECK(client.resolver->cancel(running) == 0);
  CHECK(client.resolver->cancel(last) == 0);

  const int arrived = client.start("127.0.0.1");
  CHECK(sys::waitReadable(client.resolver->descriptor(), kDeadlineMs) == 1);
  CHECK(client.resolver->cancel(arrived) == 0);
  CHECK(client.resolver->arrived() == 0);
  CHECK(client.isSilent());
}

TEST("resolver: at most max threads work, more after the limit was raised") {
  const Hold hold;
  LookupPool& pool = newPool(2);
  const Client client(pool);
  for (int i = 0; i < 10; ++i) CHECK(client.start("hold.test") > 0);
  CHECK(eventually([] { return heldNow() == 2; }));
  CHECK(pool.threads() == 2);
  pool.setLimits(0, 5);
  CHECK(eventually([] { return heldNow() == 5; }));
  CHECK(pool.threads() == 5);

  pool.setLimits(0, 0);  // counts as 1
  test::releaseHeld();
  for (int i = 0; i < 10; ++i) {
    LookupResult result;
    CHECK(client.resolver->take(client.next(), result) == 0);
  }
  CHECK(eventually([&] { return pool.threads() == 1; }));
  CHECK(client.ask("127.0.0.1") == "127.0.0.1");
}

TEST("resolver: an idle thread serves the next lookup; no second one is started") {
  LookupPool& pool = newPool(4);
  const Client client(pool);
  for (int i = 0; i < 50; ++i) CHECK(client.ask("127.0.0.1") == "127.0.0.1");
  CHECK(pool.threads() == 1);
}

TEST("resolver: idle threads end, except the minimum") {
  LookupPool& pool = newPool(2, kShortIdleMs);
  pool.setLimits(1, 2);
  const Client client(pool);
  {
    const Hold hold;
    CHECK(client.start("hold.test") > 0);
    CHECK(client.start("hold.test") > 0);
    CHECK(eventually([] { return heldNow() == 2; }));
    CHECK(pool.threads() == 2);
  }
  CHECK(eventually([&] { return pool.threads() == 1; }));

  LookupPool& other = newPool(2, kShortIdleMs * 3);
  const Client witness(other);
  CHECK(witness.ask("127.0.0.1") == "127.0.0.1");
  CHECK(eventually([&] { return other.threads() == 0; }));
  CHECK(pool.threads() == 1);
  CHECK(witness.ask("127.0.0.1") == "127.0.0.1");

  pool.setLimits(0, 2);
  CHECK(eventually([&] { return pool.threads() == 0; }));
}

TEST("resolver: the queue is bounded, a cancelled lookup makes room") {
  const Hold hold;
  const Client client(newPool(1));
  const Client second(newPool(1));
  CHECK(client.start("hold.test") > 0);
  CHECK(eventually([] { return heldNow() == 1; }));
  int last = 0;
  for (size_t i = 0; i < LookupPool::kMaxQueue; ++i) last = client.start("127.0.0.1");
  CHECK(last > 0);
  CHECK(client.start("127.0.0.1") == -ENOBUFS);
  CHECK(second.ask("127.0.0.1") == "127.0.0.1");
  CHECK(client.resolver->cancel(last) == 0);
  CHECK(client.start("127.0.0.1") > 0);
  CHECK(client.start("127.0.0.1") == -ENOBUFS);
}

TEST("resolver: answers that nobody takes are bounded as well") {
  const Client client(newPool(2));
  size_t started = 0;
  int id = 0;
  const bool refused = eventually([&] {
    while ((id = client.start("")) > 0) ++started;
    return started >= ResolverClient::kMaxPending;
  });
  CHECK(refused && id == -ENOBUFS && started == ResolverClient::kMaxPending);
  const int first = client.next();
  LookupResult result;
  CHECK(client.resolver->take(first, result) == 0 && result.error == 11001);
  CHECK(eventually([&] { return client.start("") > 0; }));
}

TEST("resolver: a client may end while lookups wait, run and have arrived") {
  const Hold hold;
  LookupPool& pool = newPool(4);  // one more than can be held
  for (int round = 0; round < 20; ++round) {
    const Client client(pool);
    CHECK(client.start("127.0.0.1") > 0);
    if (round % 2 == 0) CHECK(sys::waitReadable(client.resolver->descriptor(), kDeadlineMs) == 1);
    if (round < 3) CHECK(client.start("hold.test") > 0);
    CHECK(client.start("127.0.0.1") > 0);
    if (round == 2) test::releaseHeld();
  }
  const Client after(pool);
  CHECK(after.ask("127.0.0.1") == "127.0.0.1");
}

TEST("resolver: clients of one pool get their own answers only") {
  LookupPool& pool = newPool(2);
  const Client one(pool);
  const Client two(pool);
  CHECK(one.start("10.0.0.1") == two.start("10.0.0.2"));
  CHECK(one.answer() == "10.0.0.1");
  CHECK(two.answer() == "10.0.0.2");
  CHECK(one.isSilent() && two.isSilent());
}

TEST("resolver: signals are none of a lookup thread's business") {
  const Client client(newPool(1));
  CHECK(client.ask("mask.test") == "127.0.0.1");
}

TEST("resolver: the threads of the process survive the static destructors") {
  const Client client(LookupPool::shared());
  CHECK(&LookupPool::shared() == &LookupPool::shared());
  CHECK(client.ask("127.0.0.1") == "127.0.0.1");
  // Held until the end: main returns while it runs, which must neither wait nor crash.
  test::holdAgain();
  CHECK(client.start("hold.test") > 0);
  CHECK(eventually([] { return heldNow() == 1; }));
}

}  // namespace
}  // namespace ics
