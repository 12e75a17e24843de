// The line scanner against the simplest possible one: whatever the line end, the text and the
// places where it was cut, the same lines come out.
#include <cstring>

#include "input.h"
#include "lineScanner.h"

namespace ics::fuzz {
namespace {

// Length of the first line with its end, 0: there is none.
size_t firstLine(const std::string& text, const std::string& lineEnd) {
  const size_t found = text.find(lineEnd);
  return found == std::string::npos ? 0 : found + lineEnd.size();
}

void run(Input& input) {
  std::string lineEnd = input.bytes(1 + input.pick(4));
  if (lineEnd.empty()) return;
  const std::string text = input.bytes(input.left() - input.left() / 4);
  std::string buffer;
  LineScanner scanner;
  size_t arrived = 0;
  for (;;) {
    // A copy of its own, so that a byte too many is seen by the address sanitizer.
    const std::string exact(buffer);
    const size_t found = scanner.find(bytesOf(exact), exact.size(), lineEnd);
    MUST(found == firstLine(buffer, lineEnd));
    MUST(scanner.scanned() <= buffer.size());
    if (found > 0) {
      MUST(scanner.find(bytesOf(exact), exact.size(), lineEnd) == found);
      buffer.erase(0, found);
      scanner.reset();
      continue;
    }
    MUST(scanner.scanned() == buffer.size());
    if (arrived == text.size()) return;
    const size_t next = 1 + input.byte() % 16;
    buffer += text.substr(arrived, next);
    arrived += next < text.size() - arrived ? next : text.size() - arrived;
  }
}

}  // namespace
}  // namespace ics::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ics::fuzz::Input input(data, size);
  ics::fuzz::run(input);
  return 0;
}
