// core/loop: descriptors that were closed behind the core's back; input and ends that must be told.
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "check.h"
#include "loop.h"
#include "loopback.h"
#include "memory.h"
#include "sys.h"
#include "testLoop.h"

namespace ics {
namespace {

using test::kDeadlineMs;
using test::Owned;
using test::TestLoop;

// Closes a number behind everybody's back; a connected socket of somebody else gets it.
struct Thief {
  int number;
  int ends[2] = {-1, -1};

  explicit Thief(int fd) : number(fd) {
    CHECK(::close(fd) == 0);
    CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    CHECK(ends[0] == fd || ends[1] == fd);
  }
  ~Thief() {
    CHECK(::close(ends[0]) == 0);  // the core has left both open
    CHECK(::close(ends[1]) == 0);
  }
  std::string heard() const {
    char bytes[64];
    const ssize_t got = ::recv(ends[0] == number ? ends[1] : ends[0], bytes, sizeof(bytes), 0);
    return got > 0 ? std::string(bytes, static_cast<size_t>(got)) : "";
  }
};

int fdOf(Owned& owned) { return owned.here.loop.descriptorOf(owned.handle); }

TEST("loop: a detached socket whose number has gone to another socket is not closed") {
  Owned owned;
  CHECK(owned.here.loop.suspend(owned.handle, true) == 0);
  const Thief thief(fdOf(owned));
  CHECK(owned.here.loop.close(owned.handle, CloseHow::Graceful) == 0);
}

TEST("loop: a detached socket whose number has gone does not come back") {
  Owned owned;
  CHECK(owned.here.loop.suspend(owned.handle, true) == 0);
  const Thief thief(fdOf(owned));
  CHECK(owned.here.loop.suspend(owned.handle, false) == -EBADF);
  CHECK(owned.here.loop.close(owned.handle, CloseHow::Graceful) == 0);
}

TEST("loop: a socket whose end was told and whose number has gone is not closed") {
  Owned owned;
  CHECK(owned.here.loop.shutdown(owned.handle, 0) == 0);
  CHECK(owned.here.error(owned.handle) == 0);
  CHECK(owned.here.loop.shutdown(owned.handle, 1) == 0);  // a hang-up, which cannot be masked
  CHECK(owned.here.next(owned.handle, 50) == 0);
  const Thief thief(fdOf(owned));
  CHECK(owned.here.loop.close(owned.handle, CloseHow::Graceful) == 0);
}

TEST("loop: a parked socket whose number has gone is neither taken nor closed") {
  Owned owned;
  const int fd = fdOf(owned);
  const int first = owned.here.loop.park(owned.handle, 0);
  const Thief thief(fd);
  CHECK(owned.here.loop.unpark(first) == -ENOENT);
  CHECK(owned.here.loop.unpark(first) == -ENOENT);
}

TEST("loop: what was collected for a socket is not sent to whoever has its number now") {
  Owned owned;
  const uint8_t text[] = {'m', 'i', 'n', 'e'};
  CHECK(owned.here.loop.send(owned.handle, text, sizeof(text), true) == 0);
  const Thief thief(fdOf(owned));
  CHECK(owned.here.loop.close(owned.handle, CloseHow::Graceful) == 0);
  CHECK(thief.heard().empty());
}

TEST("loop: closing a socket leaves the wake-up descriptor alone that got its number") {
  Owned owned;
  const int fd = fdOf(owned);
  CHECK(::close(fd) == 0);
  const int id = owned.here.loop.lookup("127.0.0.1", AF_INET);  // the first one opens it
  CHECK(id > 0);
  CHECK(sys::socketType(fd) == -ENOTSOCK);
  CHECK(owned.here.loop.close(owned.handle, CloseHow::Graceful) == 0);
  CHECK(sys::socketType(fd) == -ENOTSOCK);  // it was: -EBADF
  CHECK(owned.here.next(Loop::kLookupHandle) == kFdLookup);
}

TEST("loop: a detached listener that was shut down can still leave and be closed") {
  TestLoop here;
  Address any;
  CHECK(any.parse("127.0.0.1", 0));
  const int32_t listener = here.loop.bind(any);
  CHECK(here.loop.listen(listener, 8) == 0);
  const int fd = here.loop.descriptorOf(listener);
  CHECK(here.loop.suspend(listener, true) == 0);
  CHECK(here.loop.shutdown(listener, 0) == 0);
  const int32_t handle = here.loop.unpark(here.loop.park(listener, 0));
  CHECK(handle > 0);
  CHECK(here.loop.close(handle, CloseHow::Graceful) == 0);
  CHECK(sys::socketType(fd) == -EBADF);
}

TEST("loop: an error behind a told end is told, also when a read has taken it") {
  Owned owned;
  CHECK(owned.here.loop.shutdown(owned.handle, 0) == 0);
  CHECK(owned.here.error(owned.handle) == 0);
  owned.ends.clientResets();
  uint8_t byte;
  CHECK(owned.here.loop.receive(owned.handle, &byte, 1, 0) == -ECONNRESET);
  CHECK(owned.here.error(owned.handle) == ECONNRESET);
  CHECK(owned.here.next(owned.handle, 50) == 0);
}

TEST("loop: bytes behind buffered ones are told again when the buffer is read") {
  Owned owned;
  TestLoop& here = owned.here;
  owned.ends.clientSends("begun");
  CHECK(here.next(owned.handle) == kFdRead);
  CHECK(here.loop.nextLine(owned.handle, 1000, 0) == 0);
  for (const char* text : {"1", "2"}) {
    owned.ends.clientSends(text);
    CHECK(here.next(owned.handle) == kFdRead);
    if (text[0] == '1') CHECK(here.read(owned.handle) == "begun");
    if (text[0] == '1') CHECK(here.next(owned.handle) == kFdRead);
    CHECK(here.read(owned.handle) == text);
  }
}

TEST("loop: a text longer than a block comes in parts when there is no memory to join them") {
  Owned owned;
  TestLoop& here = owned.here;
  const std::string all = std::string(Loop::kScratch, 'a') + "the rest";
  owned.ends.clientSends(all);
  while (sys::unreadBytes(fdOf(owned)) < static_cast<int>(all.size())) here.loop.poll(1);
  TextView text;
  {
    test::OutOfMemory none;
    CHECK(here.loop.takeText(owned.handle, kBytes, text) == 1);
    CHECK(text.size == Loop::kScratch && text.data[text.size - 1] == 'a');
    here.loop.dropText(owned.handle, text);
  }
  CHECK(here.read(owned.handle) == "the rest");
}

TEST("loop: typed bytes that are lost for want of memory end the connection") {
  Owned owned;
  owned.ends.clientSends("typed");
  CHECK(owned.here.next(owned.handle) == kFdRead);
  {
    test::OutOfMemory none;
    CHECK(owned.here.loop.nextLine(owned.handle, 1000, kEdit) == -ENOMEM);
  }
  CHECK(owned.here.error(owned.handle) == ENOMEM);
}

TEST("loop: half a character that is lost for want of memory ends the connection") {
  Owned owned;
  owned.ends.clientSends("a\xC3");
  CHECK(owned.here.next(owned.handle) == kFdRead);
  TextView text;
  CHECK(owned.here.loop.takeText(owned.handle, 0, text) == 1);
  CHECK(text.size == 1 && text.tail == 1);
  {
    test::OutOfMemory none;
    owned.here.loop.dropText(owned.handle, text);
  }
  CHECK(owned.here.error(owned.handle) == ENOMEM);
}

TEST("loop: bytes behind an urgent one are news to a handler that has ignored those before") {
  Owned owned;
  TestLoop& here = owned.here;
  owned.ends.clientSends("before");
  CHECK(here.next(owned.handle) == kFdRead);
  CHECK(here.loop.ignored(owned.handle) == 0);
  CHECK(::send(owned.ends.client, "!", 1, MSG_OOB) == 1);
  while (here.next(owned.handle, 50) != 0) CHECK(here.loop.ignored(owned.handle) == 0);
  owned.ends.clientSends("behind");
  CHECK(here.next(owned.handle) == kFdRead);
  CHECK(here.read(owned.handle) == "before");
  CHECK(here.read(owned.handle) == "behind");
}

TEST("loop: an end that waits in the queue while its socket is paused and resumed is told once") {
  Owned owned;
  CHECK(::shutdown(owned.ends.client, SHUT_WR) == 0);
  CHECK(owned.here.loop.poll(kDeadlineMs) == 1);
  CHECK(owned.here.loop.pause(owned.handle, true) == 0);
  CHECK(owned.here.loop.pause(owned.handle, false) == 0);
  CHECK(owned.here.next(owned.handle) == kFdClose);
  CHECK(owned.here.next(owned.handle, 50) == 0);
}

}  // namespace
}  // namespace ics
