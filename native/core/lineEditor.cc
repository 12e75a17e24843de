// Applies typed bytes one after the other, because a BACKSPACE may undo any of them and a line end
// protects everything before it. Only the search for the unfinished line looks at old bytes.
#include "lineEditor.h"

#include <cstring>

#include "lineScanner.h"

namespace ics {

namespace {

constexpr uint8_t kBackspace = 8;
constexpr uint8_t kTab = 9;
constexpr size_t kTabWidth = 8;

// Searched forward: only that cuts a line end that overlaps itself ("\n\n" in "\n\n\n") where the
// line scanner cuts it.
size_t unfinishedLine(const RecvBuffer& buffer, std::string_view lineEnd, size_t settled) {
  LineScanner scanner;
  size_t start = settled;
  while (start < buffer.size()) {
    const size_t length = scanner.find(buffer.data() + start, buffer.size() - start, lineEnd);
    if (length == 0) break;
    start += length;
    scanner.reset();
  }
  return start;
}

class Editor {
 public:
  Editor(RecvBuffer& buffer, BlockPool& pool, std::string_view lineEnd, std::string* echo,
         size_t settled)
      : buffer_(buffer),
        pool_(pool),
        lineEnd_(lineEnd),
        echo_(echo),
        lineStart_(unfinishedLine(buffer, lineEnd, settled)) {}

  bool type(uint8_t byte) {
    if (byte == kBackspace) {
      erase();
      return true;
    }
    if (byte != kTab) return put(byte);

    size_t spaces = kTabWidth - (buffer_.size() - lineStart_) % kTabWidth;
    while (spaces-- > 0) {
      if (!put(' ')) return false;
    }
    return true;
  }

 private:
  bool put(uint8_t byte) {
    if (!buffer_.append(&byte, 1, pool_)) return false;
    if (echo_ != nullptr) echo_->push_back(static_cast<char>(byte));
    if (endsLine(byte)) lineStart_ = buffer_.size();
    return true;
  }

  void erase() {
    if (buffer_.size() == lineStart_) return;
    buffer_.truncate(buffer_.size() - 1);
    if (echo_ != nullptr) echo_->append("\b \b");
  }

  bool endsLine(uint8_t byte) const {
    const size_t length = lineEnd_.size();
    if (byte != static_cast<uint8_t>(lineEnd_.back())) return false;
    if (buffer_.size() - lineStart_ < length) return false;
    return std::memcmp(buffer_.data() + buffer_.size() - length, lineEnd_.data(), length) == 0;
  }

  RecvBuffer& buffer_;
  BlockPool& pool_;
  const std::string_view lineEnd_;
  std::string* const echo_;
  size_t lineStart_;
};

}  // namespace

bool editLine(RecvBuffer& buffer, BlockPool& pool, std::string_view lineEnd, const uint8_t* typed,
              size_t count, std::string* echo, size_t settled) {
  Editor editor(buffer, pool, lineEnd, echo, settled);
  for (size_t i = 0; i < count; ++i) {
    if (!editor.type(typed[i])) return false;
  }
  return true;
}

}  // namespace ics
