// core/lineEditor: what stays in the buffer and what the terminal is told.
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "lineEditor.h"
#include "memory.h"

namespace ics {
namespace {

const std::string kRubOut = "\b \b";

class Terminal {
 public:
  explicit Terminal(std::string lineEnd = "\r\n") : lineEnd_(std::move(lineEnd)) {}
  ~Terminal() { buffer_.clear(pool_); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  bool type(const std::string& text) {
    return editLine(buffer_, pool_, lineEnd_, reinterpret_cast<const uint8_t*>(text.data()),
                    text.size(), &echo_);
  }
  void typeUnseen(const std::string& text) {
    CHECK(editLine(buffer_, pool_, lineEnd_, reinterpret_cast<const uint8_t*>(text.data()),
                   text.size(), nullptr));
  }
  void take(size_t count) { buffer_.consume(count); }

  std::string line() const {
    return std::string(reinterpret_cast<const char*>(buffer_.data()), buffer_.size());
  }
  std::string echo() const { return echo_; }

 private:
  const std::string lineEnd_;
  BlockPool pool_;
  RecvBuffer buffer_;
  std::string echo_;
};

// The rules once more, with nothing but strings: a finished line moves where no key reaches it.
std::string model(const std::string& typed, const std::string& lineEnd, std::string& echo) {
  std::string finished;
  std::string line;
  const auto put = [&](char byte) {
    line += byte;
    echo += byte;
    const size_t length = lineEnd.size();
    if (line.size() < length || line.substr(line.size() - length) != lineEnd) return;
    finished += line;
    line.clear();
  };
  for (const char byte : typed) {
    if (byte == '\b') {
      if (line.empty()) continue;
      line.pop_back();
      echo += kRubOut;
    } else if (byte == '\t') {
      for (size_t spaces = 8 - line.size() % 8; spaces > 0; --spaces) put(' ');
    } else {
      put(byte);
    }
  }
  return finished + line;
}

TEST("lineEditor: plain bytes pass and are echoed") {
  Terminal terminal;
  CHECK(terminal.type("hello\r\n"));
  CHECK(terminal.type(""));
  CHECK(terminal.line() == "hello\r\n");
  CHECK(terminal.echo() == "hello\r\n");
}

TEST("lineEditor: BACKSPACE removes the last byte, also one from an earlier read") {
  Terminal terminal;
  CHECK(terminal.type("ab\bc\r\n"));
  CHECK(terminal.line() == "ac\r\n");
  CHECK(terminal.echo() == "ab" + kRubOut + "c\r\n");

  CHECK(terminal.type("xyz"));
  CHECK(terminal.type("\b"));
  CHECK(terminal.type("\b!"));
  CHECK(terminal.line() == "ac\r\nx!");
}

TEST("lineEditor: BACKSPACE on an empty line does nothing and echoes nothing") {
  Terminal terminal;
  CHECK(terminal.type("\b\b\b"));
  CHECK(terminal.line().empty() && terminal.echo().empty());
  CHECK(terminal.type("a\b\b\bb"));
  CHECK(terminal.line() == "b");
  CHECK(terminal.echo() == "a" + kRubOut + "b");
}

TEST("lineEditor: BACKSPACE never reaches into a finished line") {
  Terminal terminal;
  CHECK(terminal.type("one\r\n\b\btwo\r\n"));
  CHECK(terminal.type("\b\b"));
  CHECK(terminal.line() == "one\r\ntwo\r\n");
  CHECK(terminal.type("x\b\b"));
  CHECK(terminal.line() == "one\r\ntwo\r\n");
}

TEST("lineEditor: half a line end can be taken back") {
  Terminal terminal;
  CHECK(terminal.type("a\r"));
  CHECK(terminal.type("\b\n"));
  CHECK(terminal.line() == "a\n");
  CHECK(terminal.type("\r\n\b"));
  CHECK(terminal.line() == "a\n\r\n");
}

TEST("lineEditor: a line end may be completed with a byte from an earlier read") {
  Terminal terminal;
  CHECK(terminal.type("a\r"));
  CHECK(terminal.type("\n\b\b"));
  CHECK(terminal.line() == "a\r\n");
}

TEST("lineEditor: TAB fills up to the next multiple of 8 of the line's own column") {
  Terminal terminal;
  CHECK(terminal.type("\t"));
  CHECK(terminal.line() == std::string(8, ' '));
  CHECK(terminal.echo() == std::string(8, ' '));
  CHECK(terminal.type("1234567\t8\r\nab\tc\t"));
  CHECK(terminal.line() == std::string(8, ' ') + "1234567 8\r\nab      c       ");
}

TEST("lineEditor: the spaces of a TAB are taken back one by one") {
  Terminal terminal;
  CHECK(terminal.type("abcde\t\b\b"));
  CHECK(terminal.line() == "abcde ");
}

TEST("lineEditor: columns count from what is left after lines were taken") {
  Terminal terminal;
  CHECK(terminal.type("abc\r\nde"));
  terminal.take(5);
  CHECK(terminal.type("\t"));
  CHECK(terminal.line() == "de      ");
}

TEST("lineEditor: an end that overlaps itself cuts where the line scanner cuts") {
  Terminal terminal("\n\n");
  CHECK(terminal.type("\n\n\n"));
  CHECK(terminal.type("\b\b"));
  CHECK(terminal.line() == "\n\n");
}

TEST("lineEditor: works without echo") {
  Terminal terminal;
  terminal.typeUnseen("ab\b\tc\r\n");
  CHECK(terminal.line() == "a       c\r\n");
  CHECK(terminal.echo().empty());
}

TEST("lineEditor: says when it is out of memory and keeps what it has") {
  Terminal terminal;
  {
    test::OutOfMemory none;
    CHECK(!terminal.type("abc"));
    CHECK(terminal.line().empty() && terminal.echo().empty());
  }
  CHECK(terminal.type(std::string(BlockPool::kBlockSize, 'x')));
  test::OutOfMemory none;
  CHECK(!terminal.type("y"));
  CHECK(terminal.line().size() == BlockPool::kBlockSize);
}

TEST("lineEditor: a storm of BACKSPACEs ends at the line's beginning") {
  Terminal terminal;
  CHECK(terminal.type("keep\r\n"));
  terminal.typeUnseen(std::string(50000, 'x') + std::string(200000, '\b'));
  CHECK(terminal.line() == "keep\r\n");
}

TEST("lineEditor: random typing in random reads edits as the model does") {
  std::mt19937 random(42);
  const std::vector<std::string> lineEnds = {"\r\n", "\n", "aab", "aa", "  ", "\r\n.\r\n"};
  const std::string keys = "ab\r\n.\b\b\t ";
  for (int round = 0; round < 20000; ++round) {
    const std::string lineEnd = lineEnds[random() % lineEnds.size()];
    Terminal terminal(lineEnd);
    std::string typed;
    for (size_t reads = 1 + random() % 6; reads > 0; --reads) {
      std::string read;
      for (size_t count = random() % 9; count > 0; --count) read += keys[random() % keys.size()];
      CHECK(terminal.type(read));
      typed += read;
    }
    std::string echo;
    if (!CHECK(terminal.line() == model(typed, lineEnd, echo))) return;
    if (!CHECK(terminal.echo() == echo)) return;
  }
}

}  // namespace
}  // namespace ics
