// Looks for the last byte of the line end (memchr, the fastest search there is) and compares the
// bytes before it. As only bytes not seen before are searched, a slow sender costs no more than a
// fast one, and a line end may be split over any number of reads.
#include "lineScanner.h"

#include <cstring>

namespace ics {
namespace {

// Of so few bytes (mostly a CR) a call of memcmp would cost more.
bool equal(const uint8_t* bytes, std::string_view expected) {
  for (const char wanted : expected)
    if (*bytes++ != static_cast<uint8_t>(wanted)) return false;
  return true;
}

}  // namespace

size_t LineScanner::find(const uint8_t* data, size_t size, std::string_view lineEnd) {
  const size_t before = lineEnd.size() - 1;
  const uint8_t last = static_cast<uint8_t>(lineEnd[before]);

  size_t at = scanned_ > before ? scanned_ : before;
  while (at < size) {
    const void* hit = std::memchr(data + at, last, size - at);
    if (hit == nullptr) break;

    at = static_cast<size_t>(static_cast<const uint8_t*>(hit) - data);
    if (equal(data + at - before, lineEnd.substr(0, before))) {
      scanned_ = at;  // Asked again before the line was taken, the answer is the same.
      return at + 1;
    }
    ++at;
  }
  if (size > scanned_) scanned_ = size;
  return 0;
}

}  // namespace ics
