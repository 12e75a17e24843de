// core/transfer: sockets that leave one loop and arrive in another, also in another thread.
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "check.h"
#include "loop.h"
#include "loopback.h"
#include "sys.h"
#include "testLoop.h"
#include "transfer.h"

namespace ics {
namespace {

using test::Connection;
using test::kDeadlineMs;
using test::Owned;
using test::TestLoop;

TEST("transfer: a parked socket is open, belongs to no loop, and goes on in another") {
  Owned owned;
  const int fd = owned.here.loop.descriptorOf(owned.handle);
  const int token = owned.here.loop.park(owned.handle, 0);
  CHECK(token > 0);
  CHECK(owned.here.loop.descriptorOf(owned.handle) == -EBADF);
  CHECK(owned.here.loop.close(owned.handle, CloseHow::Graceful) == -EBADF);
  owned.ends.clientSends("waits");

  TestLoop there;
  const int32_t handle = there.loop.unpark(token);
  CHECK(handle > 0 && there.loop.descriptorOf(handle) == fd);
  CHECK(there.next(handle) == kFdRead);
  CHECK(there.read(handle) == "waits");
  CHECK(there.loop.unpark(token) == -ENOENT);
  CHECK(owned.here.loop.unpark(token) == -ENOENT);
}

TEST("transfer: input, line state and counters go along") {
  Owned owned;
  Loop& loop = owned.here.loop;
  CHECK(loop.setLineEnd(owned.handle, "\n") == 0);
  owned.ends.clientSends("one\ntwo\nthr");
  CHECK(owned.here.next(owned.handle) == kFdRead);
  CHECK(loop.nextLine(owned.handle, 0, 0) == 4);
  uint8_t two[2];
  CHECK(loop.receive(owned.handle, two, 2, kLine) == 2 && std::memcmp(two, "on", 2) == 0);

  TestLoop there;
  const int32_t handle = there.loop.unpark(loop.park(owned.handle, 0));
  uint8_t rest[8];
  CHECK(there.loop.receive(handle, rest, sizeof(rest), kLine) == 2);
  CHECK(std::memcmp(rest, "e\n", 2) == 0);
  CHECK(there.loop.nextLine(handle, 0, 0) == 4);
  CHECK(there.loop.receive(handle, rest, sizeof(rest), kLine) == 4);
  owned.ends.clientSends("ee\n");
  CHECK(there.next(handle) == kFdRead);
  CHECK(there.loop.nextLine(handle, 0, 0) == 6);
  CHECK(there.loop.totals(handle) == 0 && there.totals.read == 14);
}

TEST("transfer: output that was only collected goes out, a queue goes along") {
  Owned owned;
  const std::string text(4 * 1024 * 1024, 'q');
  const uint8_t* bytes = reinterpret_cast<const uint8_t*>(text.data());
  CHECK(owned.here.loop.send(owned.handle, bytes, text.size(), true) == 0);
  const int token = owned.here.loop.park(owned.handle, 0);
  CHECK(owned.here.queued() > 0 && owned.here.queued() < static_cast<int>(text.size()));

  TestLoop there;
  const int32_t handle = there.loop.unpark(token);
  CHECK(there.queued() == owned.here.queued());
  std::vector<char> taken(1 << 20);
  size_t total = 0;
  while (total < text.size()) {
    const ssize_t got = ::recv(owned.ends.client, taken.data(), taken.size(), MSG_DONTWAIT);
    if (got > 0) total += static_cast<size_t>(got);
    if (there.next(handle, 10) & kFdWrite) CHECK(there.loop.flush(handle) == 0);
  }
  CHECK(total == text.size());
  CHECK(there.loop.totals(handle) == 0);
  CHECK(there.totals.written == static_cast<double>(text.size()));
}

TEST("transfer: an end that came meanwhile is told, also one that was told before") {
  Owned owned;
  owned.ends.clientResets();
  CHECK(owned.here.next(owned.handle) & kFdClose);
  const int token = owned.here.loop.park(owned.handle, 0);
  CHECK(token > 0);
  TestLoop there;
  CHECK(there.next(there.loop.unpark(token)) & kFdClose);
}

TEST("transfer: a paused socket stays silent, a listener accepts in its new loop") {
  Owned owned;
  CHECK(owned.here.loop.pause(owned.handle, true) == 0);
  owned.ends.clientSends("x");
  TestLoop there;
  const int32_t handle = there.loop.unpark(owned.here.loop.park(owned.handle, 0));
  CHECK(there.next(handle, 50) == 0);
  CHECK(there.loop.pause(handle, false) == 0);
  CHECK(there.next(handle) == kFdRead);

  Address any;
  CHECK(any.parse("127.0.0.1", 0));
  const int32_t listener = owned.here.loop.bind(any);
  CHECK(owned.here.loop.park(listener, 0) == -EINVAL);  // it does not listen yet
  CHECK(owned.here.loop.listen(listener, 8) == 0);
  Address bound;
  CHECK(sys::localAddress(owned.here.loop.descriptorOf(listener), bound) == 0);
  const int32_t moved = there.loop.unpark(owned.here.loop.park(listener, 0));
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(::connect(client, &bound.base, bound.size()) == 0);
  CHECK(there.next(moved) == kFdAccept);
  CHECK(there.loop.accept(moved) > 0);
  CHECK(sys::closeFd(client) == 0);
}

TEST("transfer: what cannot leave stays as it is") {
  Owned owned;
  Loop& loop = owned.here.loop;
  CHECK(loop.setFilter(owned.handle, true) == 0);
  CHECK(loop.park(owned.handle, 0) == -EOPNOTSUPP);
  CHECK(loop.setFilter(owned.handle, false) == 0);
  CHECK(loop.park(0x7fffffff, 0) == -EBADF);
  owned.ends.clientSends("still here");
  CHECK(owned.here.next(owned.handle) == kFdRead);
  CHECK(owned.here.read(owned.handle) == "still here");
}

TEST("transfer: a descriptor that was closed behind our back is never touched") {
  Owned owned;
  const int fd = owned.here.loop.descriptorOf(owned.handle);
  int pipe[2];
  CHECK(::close(fd) == 0);
  CHECK(::pipe(pipe) == 0);  // takes the number
  CHECK(pipe[0] == fd || pipe[1] == fd);
  CHECK(owned.here.loop.park(owned.handle, 0) == -EBADF);
  CHECK(owned.here.loop.close(owned.handle, CloseHow::Graceful) == 0);
  CHECK(::close(pipe[0]) == 0 && ::close(pipe[1]) == 0);
}

TEST("transfer: what nobody fetches in time is closed") {
  Owned owned;
  const int token = owned.here.loop.park(owned.handle, 1);
  CHECK(token > 0);
  CHECK(sys::closeFd(owned.ends.accepted) == 0);
  ::usleep(2000);
  CHECK(ParkingLot::shared().expire() == -1);
  char byte;
  CHECK(::recv(owned.ends.client, &byte, 1, 0) == 0);
  CHECK(owned.here.loop.unpark(token) == -ENOENT);
  owned.ends.accepted = ::dup(owned.ends.client);  // closed by its destructor
}

TEST("transfer: what was taken and could not be used is closed in time as well") {
  Owned owned;
  const int token = owned.here.loop.park(owned.handle, 1);
  Parked parked = ParkingLot::shared().take(token);
  CHECK(parked.connection != nullptr);
  CHECK(ParkingLot::shared().putBack(token, parked) == 0);
  CHECK(parked.connection == nullptr);
  CHECK(sys::closeFd(owned.ends.accepted) == 0);
  ::usleep(2000);
  CHECK(ParkingLot::shared().expire() == -1);
  char byte;
  CHECK(::recv(owned.ends.client, &byte, 1, 0) == 0);
  owned.ends.accepted = ::dup(owned.ends.client);  // closed by its destructor
}

// Sockets bounce between two threads while a third one talks to them.
TEST("transfer: two threads pass sockets to and fro while bytes flow") {
  constexpr int kMoves = 2000;
  constexpr size_t kSockets = 4;
  std::unique_ptr<Connection> ends[kSockets];
  std::atomic<int> tokens[kSockets];
  TestLoop first;
  for (size_t i = 0; i < kSockets; ++i) {
    ends[i] = std::make_unique<Connection>();
    tokens[i] = first.loop.park(first.loop.adopt(::dup(ends[i]->accepted)), 0);
  }
  std::atomic<int> moves{0};
  std::atomic<int> echoed{0};
  const auto bounce = [&] {
    TestLoop mine;
    while (moves < kMoves) {
      for (auto& token : tokens) {
        const int taken = token.exchange(0);
        if (taken == 0) continue;
        const int32_t handle = mine.loop.unpark(taken);
        CHECK(handle > 0);
        uint8_t bytes[7];
        const ssize_t got = mine.loop.receive(handle, bytes, sizeof(bytes), 0);
        if (got > 0) {
          CHECK(mine.loop.send(handle, bytes, static_cast<size_t>(got), true) == 0);
          echoed += static_cast<int>(got);
        }
        const int next = mine.loop.park(handle, 0);
        CHECK(next > 0);
        token = next;
        ++moves;
      }
    }
  };
  std::thread one(bounce);
  std::thread two(bounce);
  std::string sent[kSockets];
  for (int n = 0; moves < kMoves; ++n) {
    const size_t i = static_cast<size_t>(n) % kSockets;
    const std::string text = std::to_string(n) + ' ';
    if (sent[i].size() > 20000) continue;
    if (::send(ends[i]->client, text.data(), text.size(), 0) > 0) sent[i] += text;
  }
  one.join();
  two.join();
  int back = 0;
  for (size_t i = 0; i < kSockets; ++i) {
    std::string heard;
    char bytes[1024];
    const int32_t handle = first.loop.unpark(tokens[i]);
    CHECK(handle > 0 && first.loop.totals(handle) == 0);
    while (heard.size() < static_cast<size_t>(first.totals.written)) {
      if (!CHECK(sys::waitReadable(ends[i]->client, kDeadlineMs) == 1)) break;
      const ssize_t got = ::recv(ends[i]->client, bytes, sizeof(bytes), 0);
      if (got > 0) heard.append(bytes, static_cast<size_t>(got));
    }
    CHECK(sent[i].compare(0, heard.size(), heard) == 0);
    CHECK(first.totals.read == first.totals.written);
    back += static_cast<int>(heard.size());
  }
  CHECK(back == echoed && back > 0);
  CHECK(ParkingLot::shared().count() == 0);
}

}  // namespace
}  // namespace ics
