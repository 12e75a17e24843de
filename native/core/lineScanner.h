// Finds the first line end in a growing buffer without looking at a byte twice
// (except the few that may begin a terminator split over two reads).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ics {

class LineScanner {
 public:
  // `data` is the buffer from the beginning of the current line. Returns the length of the first
  // line including its terminator, or 0 when there is none yet; the next call continues where
  // this one stopped, so the buffer may only have grown at its end in between.
  // lineEnd must not be empty and may have any length.
  size_t find(const uint8_t* data, size_t size, std::string_view lineEnd);

  // The buffer's front moved (a line was taken, the buffer was cleared) or the line end changed.
  void reset() { scanned_ = 0; }

  // Bytes in which no line end needs to be looked for again.
  size_t scanned() const { return scanned_; }

 private:
  size_t scanned_ = 0;
};

}  // namespace ics
