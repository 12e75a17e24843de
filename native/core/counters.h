// Plain totals of one loop since it was opened.
#pragma once

#include <cstdint>

namespace ics {

struct Counters {
  uint64_t polls = 0;
  uint64_t events = 0;
  uint64_t accepted = 0;
  uint64_t acceptFailures = 0;
  uint64_t bytesIn = 0;
  uint64_t bytesOut = 0;
  uint64_t closed = 0;
};

}  // namespace ics
