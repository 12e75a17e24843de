// What the kernel's readiness mechanism must offer: five small functions, one implementation per
// mechanism (epoll here; kqueue and WSAPoll fit the same shape), chosen by makePoller().
//
//  - Level-triggered unless kWantEdge is set for a descriptor.
//  - A descriptor that was closed behind our back makes change() and remove() answer -ENOENT or
//    -EBADF; that is a fact for the caller, never a reason to stop.
#pragma once

#include <cstdint>
#include <memory>

namespace ics {

enum Interest : uint8_t {
  kWantRead = 1,  // readable, acceptable, peer shut down its side
  kWantWrite = 2,
  kWantUrgent = 8,  // an urgent (out-of-band) byte; may only be asked for once, see Connection
  kWantEdge = 4,    // report once per change instead of as long as it lasts
};

enum ReadyFlag : uint8_t {
  kReadable = 1,
  kWritable = 2,
  kPeerShut = 4,  // the peer's FIN has arrived
  kHangUp = 8,    // both directions are over; cannot be masked
  kUrgent = 32,   // an urgent byte is in the stream
  kFailed = 16,   // an error waits in SO_ERROR; cannot be masked
};

struct Ready {
  int32_t handle;
  uint8_t flags;
};

class Poller {
 public:
  static constexpr int kMaxReady = 1024;

  virtual ~Poller() = default;
  virtual int open() = 0;  // 0 or -errno
  virtual int add(int fd, uint8_t interest, int32_t handle) = 0;
  virtual int change(int fd, uint8_t interest, int32_t handle) = 0;
  virtual int remove(int fd) = 0;
  // Fills `ready` (kMaxReady entries); 0 after timeoutMs (-1: no limit) or a signal; -errno.
  virtual int wait(Ready* ready, int timeoutMs) = 0;
  // Readable while wait() has something to report, so that another loop can watch this one;
  // -1 where the mechanism has no such descriptor.
  virtual int descriptor() const = 0;
};

std::unique_ptr<Poller> makePoller();

}  // namespace ics
