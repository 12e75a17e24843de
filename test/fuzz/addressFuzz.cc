// Address::parse with any text: it takes exactly the literals a reader written from the RFCs takes,
// leaves the address alone otherwise, and understands what it writes.
#include <cstring>
#include <string>
#include <vector>

#include "address.h"
#include "input.h"

namespace ics::fuzz {
namespace {

// Four numbers 0 … 255 without leading zeros.
bool readV4(const std::string& text, uint8_t* to) {
  size_t at = 0;
  for (int i = 0; i < 4; ++i) {
    if (i > 0 && (at >= text.size() || text[at++] != '.')) return false;
    const size_t start = at;
    unsigned value = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at - start < 3)
      value = value * 10 + static_cast<unsigned>(text[at++] - '0');
    if (at == start || value > 255 || (text[start] == '0' && at - start > 1)) return false;
    to[i] = static_cast<uint8_t>(value);
  }
  return at == text.size();
}

int hexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// Groups between colons; the last may be dotted. False when one is no group.
bool readGroups(const std::string& text, bool last, std::vector<uint8_t>& to) {
  if (text.empty()) return true;
  for (size_t at = 0;;) {
    const size_t colon = text.find(':', at);
    const std::string group = text.substr(at, colon == std::string::npos ? colon : colon - at);
    uint8_t four[4];
    if (last && colon == std::string::npos && readV4(group, four)) {
      to.insert(to.end(), four, four + 4);
      return true;
    }
    if (group.empty() || group.size() > 4) return false;
    unsigned value = 0;
    for (const char digit : group) {
      if (hexValue(digit) < 0) return false;
      value = value * 16 + static_cast<unsigned>(hexValue(digit));
    }
    to.push_back(static_cast<uint8_t>(value >> 8));
    to.push_back(static_cast<uint8_t>(value));
    if (colon == std::string::npos) return true;
    at = colon + 1;
  }
}

bool readV6(const std::string& text, uint8_t* to) {
  std::vector<uint8_t> front;
  std::vector<uint8_t> back;
  const size_t gap = text.find("::");
  const std::string head = text.substr(0, gap);
  const bool whole = gap == std::string::npos;
  if (whole && text.empty()) return false;
  if (!readGroups(head, whole, front)) return false;
  if (!whole && !readGroups(text.substr(gap + 2), true, back)) return false;
  if (whole ? front.size() != 16 : front.size() + back.size() > 14) return false;
  std::memset(to, 0, 16);
  if (!front.empty()) std::memcpy(to, front.data(), front.size());
  if (!back.empty()) std::memcpy(to + 16 - back.size(), back.data(), back.size());
  return true;
}

// Sixteen times 'x' and the like never leaves the buffer, whatever the text.
void run(const std::string& text, uint16_t port) {
  Address address;
  address.parse("203.0.113.5", 77);
  const bool parsed = address.parse(text.c_str(), port);
  const std::string literal = text.substr(0, text.find('%'));
  uint8_t bytes[16];
  if (readV4(text, bytes)) {
    MUST(parsed && address.family() == AF_INET);
    MUST(std::memcmp(&address.v4.sin_addr, bytes, 4) == 0);
  } else if (!readV6(literal, bytes)) {
    MUST(!parsed);
  } else {
    MUST(parsed || literal.size() < text.size());
    if (parsed) MUST(std::memcmp(&address.v6.sin6_addr, bytes, 16) == 0);
  }
  if (!parsed) {
    MUST(address.text() == "203.0.113.5" && address.port() == 77);
    return;
  }
  MUST(address.port() == port);
  Address again;
  MUST(again.parse(address.text().c_str(), port));
  MUST(again.text() == address.text());
  MUST(again.size() == address.size() && std::memcmp(&again.v6, &address.v6, 28) == 0);
}

}  // namespace
}  // namespace ics::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ics::fuzz::Input input(data, size);
  const auto port = static_cast<uint16_t>(input.word());
  std::string text = input.bytes(input.left());
  ics::fuzz::run(text.substr(0, text.find('\0')), port);
  return 0;
}
