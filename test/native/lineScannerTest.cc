// core/lineScanner: the line ends found are those a naive search of the whole text finds, however
// the text is cut into reads.
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "lineScanner.h"

namespace ics {
namespace {

using Lines = std::vector<std::string>;

// The lines of `text`, and as the last element what is left without a line end.
Lines splitNaively(const std::string& text, const std::string& lineEnd) {
  Lines lines;
  size_t start = 0;
  for (;;) {
    const size_t at = text.find(lineEnd, start);
    if (at == std::string::npos) break;
    lines.push_back(text.substr(start, at + lineEnd.size() - start));
    start = at + lineEnd.size();
  }
  lines.push_back(text.substr(start));
  return lines;
}

// A receiver that takes every line as soon as it is complete.
class Splitter {
 public:
  explicit Splitter(std::string lineEnd) : lineEnd_(std::move(lineEnd)) {}

  void receive(const std::string& read) {
    pending_ += read;
    for (;;) {
      // A copy of exactly the pending size lets the address sanitizer see a look past the end.
      const std::vector<uint8_t> exact(pending_.begin(), pending_.end());
      const size_t length = scanner_.find(exact.data(), exact.size(), lineEnd_);
      if (length == 0) return;
      lines_.push_back(pending_.substr(0, length));
      pending_.erase(0, length);
      scanner_.reset();
    }
  }

  Lines finish() {
    lines_.push_back(pending_);
    return lines_;
  }

 private:
  const std::string lineEnd_;
  std::string pending_;
  LineScanner scanner_;
  Lines lines_;
};

Lines splitReads(const Lines& reads, const std::string& lineEnd) {
  Splitter splitter(lineEnd);
  for (const std::string& read : reads) splitter.receive(read);
  return splitter.finish();
}

size_t findOnce(const std::string& text, const std::string& lineEnd) {
  LineScanner scanner;
  return scanner.find(reinterpret_cast<const uint8_t*>(text.data()), text.size(), lineEnd);
}

TEST("lineScanner: answers the length of the first line with its end, or 0") {
  CHECK(findOnce("", "\n") == 0);
  CHECK(findOnce("abc", "\n") == 0);
  CHECK(findOnce("\n", "\n") == 1);
  CHECK(findOnce("abc\ndef\n", "\n") == 4);
  CHECK(findOnce("\r\n", "\r\n") == 2);
  CHECK(findOnce("a\nb\rc\r\nd\r\n", "\r\n") == 7);
  CHECK(findOnce("\r\r\n", "\r\n") == 3);
  CHECK(findOnce("ab", "abc") == 0);
}

TEST("lineScanner: a line end may be a single NUL or contain one") {
  CHECK(findOnce(std::string("ab\0cd", 5), std::string("\0", 1)) == 3);
  CHECK(findOnce(std::string("a\0b\0\xff\0", 6), std::string("\0\xff\0", 3)) == 6);
}

TEST("lineScanner: finds an end behind a false start") {
  CHECK(findOnce("aaab", "aab") == 4);
  CHECK(findOnce("aaaab", "aab") == 5);
  CHECK(findOnce("abababc", "ababc") == 7);
  CHECK(findOnce("\r\n.\r\n.\r\n", "\r\n.\r\n") == 5);
}

TEST("lineScanner: finds an end split over three reads") {
  CHECK(splitReads({"ab", "c\r", "\n", "."}, "\r\n") == Lines({"abc\r\n", "."}));
  CHECK(splitReads({"x\r", "\n", "\r", "\nrest"}, "\r\n\r\n") == Lines({"x\r\n\r\n", "rest"}));
  CHECK(splitReads({"a", "a", "a", "b"}, "aab") == Lines({"aaab", ""}));
}

TEST("lineScanner: asked again without a change it gives the same answer") {
  LineScanner scanner;
  const std::string text = "one\r\ntwo\r\n";
  const uint8_t* data = reinterpret_cast<const uint8_t*>(text.data());
  CHECK(scanner.find(data, 3, "\r\n") == 0);
  CHECK(scanner.find(data, text.size(), "\r\n") == 5);
  CHECK(scanner.find(data, text.size(), "\r\n") == 5);
}

TEST("lineScanner: reset lets a changed line end look at the old bytes") {
  LineScanner scanner;
  const std::string text = "a;b\n";
  const uint8_t* data = reinterpret_cast<const uint8_t*>(text.data());
  CHECK(scanner.find(data, text.size(), "\r\n") == 0);
  scanner.reset();
  CHECK(scanner.find(data, text.size(), ";") == 2);
}

TEST("lineScanner: every cut of a text into three reads gives the same lines") {
  const char* const lineEnds[] = {"\n", "\r\n", "aab", "aa", "abab", "\r\n.\r\n", "ab\r\n"};
  const std::string text = "a\r\naaab\r\n.\r\nababab\r\n\naabaa\r\nb\n\r\n.\r\nab\r\n";
  for (const std::string lineEnd : lineEnds) {
    const Lines expected = splitNaively(text, lineEnd);
    for (size_t first = 0; first <= text.size(); ++first) {
      for (size_t second = first; second <= text.size(); ++second) {
        const Lines reads = {text.substr(0, first), text.substr(first, second - first),
                             text.substr(second)};
        if (!CHECK(splitReads(reads, lineEnd) == expected)) return;
      }
    }
  }
}

TEST("lineScanner: random texts in random reads split as a naive search splits them") {
  std::mt19937 random(7);
  const auto word = [&random](size_t length, size_t letters) {
    std::string text;
    while (text.size() < length) text += "abc"[random() % letters];
    return text;
  };
  for (int round = 0; round < 20000; ++round) {
    const size_t letters = 1 + random() % 3;
    const std::string lineEnd = word(1 + random() % 5, letters);
    const std::string text = word(random() % 80, letters);
    Lines reads;
    for (size_t at = 0; at < text.size();) {
      const size_t count = 1 + random() % 9;
      reads.push_back(text.substr(at, count));
      at += count;
    }
    if (!CHECK(splitReads(reads, lineEnd) == splitNaively(text, lineEnd))) return;
  }
}

TEST("lineScanner: a megabyte without an end, byte by byte, is no quadratic work") {
  const std::vector<uint8_t> data(1024 * 1024, '\r');
  for (const char* lineEnd : {"\n", "\r\n", "\r\r\r\r\r\n"}) {
    LineScanner scanner;
    const auto start = std::chrono::steady_clock::now();
    for (size_t size = 1; size <= data.size(); ++size) {
      if (scanner.find(data.data(), size, lineEnd) != 0) CHECK(false);
    }
    // Rescanning would look at half a million megabytes and take minutes.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  }
}

}  // namespace
}  // namespace ics
