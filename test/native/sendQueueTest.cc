// core/sendQueue: order, atomicity and what one flush gives the kernel.
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "memory.h"
#include "sendQueue.h"
#include "sys.h"

namespace ics {
namespace {

bool add(SendQueue& queue, const std::string& text) {
  return queue.append(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

// All queued bytes; `parts` tells in how many pieces they lie.
std::string content(const SendQueue& queue, int* parts = nullptr) {
  std::vector<iovec> pieces(4096);
  const int count = queue.gather(pieces.data(), static_cast<int>(pieces.size()));
  std::string text;
  for (int i = 0; i < count; ++i) {
    const iovec& piece = pieces[static_cast<size_t>(i)];
    CHECK(piece.iov_len > 0);
    text.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  if (parts != nullptr) *parts = count;
  return text;
}

std::string pattern(size_t size, size_t seed = 0) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('A' + (i + seed) % 31);
  return text;
}

struct Pair {
  int ours = -1;
  int theirs = -1;

  Pair() {
    int ends[2] = {-1, -1};
    CHECK(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    ours = ends[0];
    theirs = ends[1];
    CHECK(sys::makeNonBlocking(ours) == 0);
    CHECK(sys::makeNonBlocking(theirs) == 0);
  }
  ~Pair() {
    sys::closeFd(ours);
    if (theirs >= 0) sys::closeFd(theirs);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  std::string readAll() const {
    std::string text;
    char part[65536];
    for (;;) {
      const ssize_t count = sys::receive(theirs, part, sizeof(part));
      if (count <= 0) return text;
      text.append(part, static_cast<size_t>(count));
    }
  }
};

TEST("sendQueue: copies what is appended and keeps the order") {
  SendQueue queue;
  CHECK(queue.empty() && content(queue).empty());
  std::string text = "first ";
  CHECK(add(queue, text));
  text.assign("XXXXXX");
  CHECK(add(queue, "second"));
  CHECK(add(queue, ""));
  CHECK(queue.size() == 12);
  CHECK(content(queue) == "first second");
}

TEST("sendQueue: small messages share a chunk, the chunks double up to 64 KiB") {
  SendQueue other;
  CHECK(add(other, "has the chunk that the thread may have kept"));
  SendQueue queue;
  const long before = test::allocationCount();
  std::string model;
  for (int i = 0; i < 100; ++i) CHECK(add(queue, "0123456789"));
  int parts = 0;
  CHECK(content(queue, &parts).size() == 1000);
  CHECK(parts == 1);
  CHECK(test::allocationCount() - before == 1);

  const std::string kilobyte = pattern(1024);
  for (int i = 0; i < 1000; ++i) CHECK(add(queue, kilobyte));
  // 4 + 8 + 16 + 32 KiB, then 64 KiB each.
  CHECK(content(queue, &parts).size() == 1000 + 1000 * 1024);
  CHECK(parts == 4 + (1000 * 1024 + 1000 - 60 * 1024 + 65535) / 65536);
}

TEST("sendQueue: a large message fills the room first and then lies in one chunk of its own") {
  SendQueue queue;
  CHECK(add(queue, "begin:"));
  const std::string large = pattern(1024 * 1024);
  CHECK(add(queue, large));
  int parts = 0;
  CHECK(content(queue, &parts) == "begin:" + large);
  CHECK(parts == 2);
}

TEST("sendQueue: filling and emptying it again and again allocates nothing") {
  SendQueue queue;
  CHECK(add(queue, "x"));
  queue.clear();
  const long before = test::allocationCount();
  for (int i = 0; i < 100; ++i) {
    size_t room = 0;
    uint8_t* to = queue.spare(room);
    CHECK(to != nullptr && room == 4096 && queue.empty());
    to[0] = 'a';
    queue.commit(1);
    CHECK(add(queue, "bc") && queue.size() == 3);
    queue.consume(3);
    CHECK(queue.empty());
  }
  CHECK(test::allocationCount() == before);
}

TEST("sendQueue: spare room that is not used leaves nothing behind") {
  SendQueue queue;
  size_t room = 0;
  CHECK(queue.spare(room) != nullptr);
  queue.commit(0);
  CHECK(queue.empty() && content(queue).empty());
  CHECK(add(queue, "a"));
  CHECK(queue.spare(room) != nullptr && room == 4095);
  queue.commit(0);
  CHECK(content(queue) == "a");
}

TEST("sendQueue: an append that fails for memory leaves the queue as it was") {
  SendQueue other;
  CHECK(add(other, "has the chunk that the thread may have kept"));
  SendQueue queue;
  {
    test::OutOfMemory none;
    CHECK(!add(queue, "x"));
    CHECK(queue.empty() && queue.reserve(1) == nullptr);
  }
  CHECK(add(queue, "kept"));
  {
    test::OutOfMemory none;
    CHECK(!add(queue, pattern(4096)));  // part of it would fit
    CHECK(queue.size() == 4 && content(queue) == "kept");
    CHECK(queue.reserve(4093) == nullptr);
    CHECK(add(queue, "!"));  // fits into what is there
  }
  CHECK(content(queue) == "kept!");
  CHECK(queue.reserve(SIZE_MAX) == nullptr);
  CHECK(content(queue) == "kept!");
}

TEST("sendQueue: reserve gives contiguous room and commit counts only what was written") {
  SendQueue queue;
  CHECK(add(queue, "abc"));
  uint8_t* room = queue.reserve(100);
  CHECK(room != nullptr && queue.size() == 3);
  std::memset(room, 'x', 100);
  queue.commit(2);
  CHECK(content(queue) == "abcxx");

  room = queue.reserve(10000);
  std::memset(room, 'y', 10000);
  queue.commit(10000);
  CHECK(add(queue, "z"));
  CHECK(content(queue) == "abcxx" + std::string(10000, 'y') + "z");
}

TEST("sendQueue: reserved room that stays unused changes nothing") {
  SendQueue queue;
  CHECK(queue.reserve(10) != nullptr);
  queue.commit(0);
  CHECK(queue.empty());
  int parts = 0;

  CHECK(add(queue, "abc"));
  for (size_t want = 5000; want < 100000; want += 5000) {
    CHECK(queue.reserve(want) != nullptr);
    queue.commit(0);
  }
  CHECK(add(queue, "def"));
  CHECK(content(queue, &parts) == "abcdef");
  CHECK(parts == 1);

  CHECK(queue.reserve(50000) != nullptr);  // never committed; freed with the queue
}

TEST("sendQueue: consume may end inside, at the border of and behind chunks") {
  SendQueue queue;
  const std::string text = pattern(50000);
  for (size_t at = 0; at < text.size(); at += 1000) CHECK(add(queue, text.substr(at, 1000)));
  size_t taken = 0;
  for (const size_t count : {1, 4094, 1, 0, 8192, 10000, 27711}) {
    queue.consume(count);
    taken += count;
    CHECK(queue.size() == text.size() - taken);
    CHECK(content(queue) == text.substr(taken));
  }
  queue.consume(text.size() - taken);
  CHECK(queue.empty());
  CHECK(add(queue, "again"));
  CHECK(content(queue) == "again");
  queue.clear();
  CHECK(queue.empty() && content(queue).empty());
}

TEST("sendQueue: gather stops at the capacity it is given") {
  SendQueue queue;
  for (int i = 0; i < 5; ++i) CHECK(add(queue, pattern(100000)));
  iovec parts[2];
  CHECK(queue.gather(parts, 2) == 2);
  CHECK(queue.gather(parts, 0) == 0);
}

TEST("sendQueue: flush gives one chunk or many to the kernel and forgets them") {
  Pair pair;
  SendQueue queue;
  CHECK(queue.flush(pair.ours) == 0);
  CHECK(add(queue, "hello"));
  CHECK(queue.flush(pair.ours) == 5);
  CHECK(queue.empty() && pair.readAll() == "hello");

  const std::string text = pattern(20000);
  for (size_t at = 0; at < text.size(); at += 500) CHECK(add(queue, text.substr(at, 500)));
  CHECK(queue.flush(pair.ours) == 20000);
  CHECK(queue.empty() && pair.readAll() == text);
}

TEST("sendQueue: flush sends at most kMaxParts chunks at a time") {
  Pair pair;
  const int size = 8 * 1024 * 1024;
  CHECK(sys::setOption(pair.ours, SOL_SOCKET, SO_SNDBUF, size) == 0);
  SendQueue queue;
  std::string model;
  for (size_t i = 0; i < 70; ++i) {
    const std::string text = pattern(5000, i);
    uint8_t* room = queue.reserve(65536);
    std::memcpy(room, text.data(), text.size());
    queue.commit(text.size());
    model += text;
  }
  int parts = 0;
  content(queue, &parts);
  CHECK(parts == 70);
  std::string received;
  while (!queue.empty()) {
    const ssize_t sent = queue.flush(pair.ours);
    CHECK(sent <= SendQueue::kMaxParts * 5000);
    received += pair.readAll();
    if (!CHECK(sent >= 0)) break;
  }
  CHECK(received == model);
}

TEST("sendQueue: a full kernel takes a part, then nothing, and no byte is lost or doubled") {
  Pair pair;
  SendQueue queue;
  const std::string text = pattern(3 * 1024 * 1024);
  CHECK(add(queue, text));
  while (queue.flush(pair.ours) > 0) continue;
  CHECK(!queue.empty());
  CHECK(queue.flush(pair.ours) == 0);

  std::string received;
  while (received.size() < text.size()) {
    const std::string part = pair.readAll();
    received += part;
    if (!CHECK(queue.flush(pair.ours) >= 0)) break;
  }
  CHECK(received == text && queue.empty());
}

TEST("sendQueue: a vanished peer is an error number, no signal, and the queue stays") {
  Pair pair;
  sys::closeFd(pair.theirs);
  pair.theirs = -1;
  SendQueue queue;
  CHECK(add(queue, "nobody"));
  CHECK(queue.flush(pair.ours) == -EPIPE);
  CHECK(queue.size() == 6);
  CHECK(add(queue, pattern(10000)));
  CHECK(queue.flush(pair.ours) == -EPIPE);  // the gathered way
  CHECK(queue.flush(-1) == -EBADF);
}

TEST("sendQueue: random appends and consumes give the bytes in order") {
  std::mt19937 random(99);
  SendQueue queue;
  std::string model;
  for (int round = 0; round < 5000; ++round) {
    const std::string text = pattern(random() % (round % 20 == 0 ? 90000 : 700), random() % 31);
    if (random() % 3 == 0) {
      uint8_t* room = queue.reserve(text.size() + 10);
      if (!text.empty()) std::memcpy(room, text.data(), text.size());
      queue.commit(text.size());
    } else {
      CHECK(add(queue, text));
    }
    model += text;
    const size_t count = random() % (model.size() + 1);
    if (random() % 2 == 0) {
      queue.consume(count);
      model.erase(0, count);
    }
    if (!CHECK(queue.size() == model.size() && content(queue) == model)) return;
  }
}

}  // namespace
}  // namespace ics
