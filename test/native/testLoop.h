// A loop for tests, with real sockets.
#pragma once

#include <unistd.h>

#include <string>
#include <vector>

#include "check.h"
#include "loop.h"
#include "loopback.h"
#include "sys.h"

namespace ics::test {

// A loop with the memory that JavaScript shares with it otherwise.
struct TestLoop {
  std::vector<int32_t> words = std::vector<int32_t>(EventQueue::kWords);
  std::vector<int32_t> stops = std::vector<int32_t>(Loop::kLineBatch);
  Totals totals;
  Loop loop{words.data(), stops.data(), totals};

  TestLoop() { CHECK(loop.open() == 0); }

  // Bits of the next event of `handle`, 0 after the deadline; others are thrown away.
  int32_t next(int32_t handle, int timeoutMs = kDeadlineMs) {
    const uint64_t end = sys::monotonicMicroseconds() + static_cast<uint64_t>(timeoutMs) * 1000;
    while (sys::monotonicMicroseconds() < end) {
      loop.poll(10);
      while (words[0] < words[1]) {
        const int32_t* event = &words[static_cast<size_t>(words[0])];
        words[0] += EventQueue::kFields;
        if (event[0] == handle) return event[1];
      }
    }
    return 0;
  }

  std::string read(int32_t handle) {
    uint8_t bytes[256];
    const ssize_t got = loop.receive(handle, bytes, sizeof(bytes), 0);
    return got > 0 ? std::string(reinterpret_cast<char*>(bytes), static_cast<size_t>(got)) : "";
  }

  int error(int32_t handle) {  // of the next close event, -1: none comes
    loop.poll(kDeadlineMs);
    const int32_t* event = &words[static_cast<size_t>(words[0])];
    if (words[0] >= words[1] || event[0] != handle || !(event[1] & kFdClose)) return -1;
    words[0] += EventQueue::kFields;
    return event[2];
  }

  int queued() const { return words[kCallInfoAt]; }
};

// A loop that owns the accepted end of a connection.
struct Owned {
  Connection ends;
  TestLoop here;
  int32_t handle = here.loop.adopt(::dup(ends.accepted));
};

}  // namespace ics::test
