// What a fuzz target shares with the others: a reader of the fuzzer's bytes and the way to fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace ics::fuzz {

// The bytes of one run, taken from the front. Behind the end there are zeros, so every prefix of an
// input is an input.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : at_(data), end_(data + size) {}

  bool empty() const { return at_ == end_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  uint8_t byte() { return empty() ? uint8_t{0} : *at_++; }
  bool flag() { return (byte() & 1) != 0; }
  uint32_t word() {
    const uint32_t high = byte();
    return high << 8 | byte();
  }
  // 0 … count - 1
  uint32_t pick(uint32_t count) { return byte() % count; }
  // A size that is usually small and sometimes at a border of the core's buffers.
  size_t size() {
    static constexpr size_t kBorders[] = {4095, 4096, 4097, 32768, 65535, 65536, 65537, 140000};
    const uint8_t chosen = byte();
    return chosen < 248 ? chosen : kBorders[chosen - 248];
  }
  std::string bytes(size_t count) {
    const size_t taken = count < left() ? count : left();
    std::string result(reinterpret_cast<const char*>(at_), taken);
    at_ += taken;
    return result;
  }

 private:
  const uint8_t* at_;
  const uint8_t* const end_;
};

[[noreturn]] inline void fail(const char* what, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
  std::abort();
}

// With ICS_FUZZ_TRACE set a replay tells what happens.
template <typename... Values>
void note(const char* format, Values... values) {
  static const bool traced = std::getenv("ICS_FUZZ_TRACE") != nullptr;
  if (!traced) return;
  if constexpr (sizeof...(values) == 0)
    std::fputs(format, stderr);
  else
    std::fprintf(stderr, format, values...);
  std::fputc('\n', stderr);
}

inline const uint8_t* bytesOf(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

}  // namespace ics::fuzz

// Must hold in every run; ends the process otherwise, which makes the fuzzer keep the input.
#define MUST(expression) \
  ((expression) ? static_cast<void>(0) : ::ics::fuzz::fail(#expression, __FILE__, __LINE__))
