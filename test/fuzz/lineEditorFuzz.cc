// The line editor against a plain one on a std::string, however the typed bytes were cut and lines
// were taken in between.
#include <string>

#include "input.h"
#include "lineEditor.h"

namespace ics::fuzz {
namespace {

struct Plain {
  std::string text;
  std::string echo;
  const std::string lineEnd;

  explicit Plain(std::string end) : lineEnd(std::move(end)) {}

  // Where the unfinished line begins.
  size_t start() const {
    size_t at = 0;
    for (size_t found = text.find(lineEnd); found != std::string::npos;
         found = text.find(lineEnd, at))
      at = found + lineEnd.size();
    return at;
  }

  void type(char byte) {
    const size_t column = text.size() - start();
    if (byte == '\b') {
      if (column == 0) return;
      text.pop_back();
      echo += "\b \b";
      return;
    }
    if (byte != '\t') {
      text += byte;
      echo += byte;
      return;
    }
    // A line end made of spaces ends a line in the middle of a TAB, which goes on all the same.
    const std::string spaces(8 - column % 8, ' ');
    text += spaces;
    echo += spaces;
  }
};

void run(Input& input) {
  const std::string lineEnd = input.bytes(1 + input.pick(3));
  if (lineEnd.empty()) return;
  const bool echoes = input.flag();
  Plain plain(lineEnd);
  BlockPool pool;
  RecvBuffer buffer;
  std::string echo;
  while (!input.empty()) {
    const std::string typed = input.bytes(1 + input.byte() % 24);
    MUST(editLine(buffer, pool, lineEnd, bytesOf(typed), typed.size(), echoes ? &echo : nullptr));
    for (const char byte : typed) plain.type(byte);
    MUST(std::string(reinterpret_cast<const char*>(buffer.data()), buffer.size()) == plain.text);
    MUST(echo == (echoes ? plain.echo : ""));
    if (input.flag()) buffer.settle(pool);
    const size_t line = plain.text.find(lineEnd);
    if (line == std::string::npos || input.flag()) continue;
    buffer.consume(line + lineEnd.size());
    plain.text.erase(0, line + lineEnd.size());
  }
  buffer.clear(pool);
}

}  // namespace
}  // namespace ics::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ics::fuzz::Input input(data, size);
  ics::fuzz::run(input);
  return 0;
}
