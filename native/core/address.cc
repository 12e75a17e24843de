// Text and binary form of an address. Accepts literals only, so that a misspelt address is an
// error at once and never a name lookup.
#include "address.h"

#include <arpa/inet.h>
#include <net/if.h>

#include <cstring>

namespace ics {

namespace {

constexpr size_t kLongestLiteral = INET6_ADDRSTRLEN - 1;

// A zone after '%' in RFC 4007 form: an interface number, or the name of an interface.
bool parseScope(const char* text, uint32_t& scope) {
  if (*text == '\0') return false;

  uint64_t number = 0;
  const char* at = text;
  for (; *at >= '0' && *at <= '9'; ++at) {
    number = number * 10 + static_cast<uint64_t>(*at - '0');
    if (number > UINT32_MAX) return false;
  }
  if (*at != '\0') number = ::if_nametoindex(text);
  scope = static_cast<uint32_t>(number);
  return *at == '\0' || scope != 0;
}

bool parseV6(const char* text, in6_addr& address, uint32_t& scope) {
  scope = 0;
  const char* percent = std::strchr(text, '%');
  if (percent == nullptr) return ::inet_pton(AF_INET6, text, &address) == 1;

  const size_t length = static_cast<size_t>(percent - text);
  if (length > kLongestLiteral) return false;
  char literal[kLongestLiteral + 1];
  std::memcpy(literal, text, length);
  literal[length] = '\0';
  return ::inet_pton(AF_INET6, literal, &address) == 1 && parseScope(percent + 1, scope);
}

}  // namespace

Address::Address() : v6{} { base.sa_family = AF_UNSPEC; }

bool Address::parse(const char* text, uint16_t port) {
  in_addr four{};
  if (::inet_pton(AF_INET, text, &four) == 1) {
    *this = Address();
    v4.sin_family = AF_INET;
    v4.sin_addr = four;
    v4.sin_port = htons(port);
    return true;
  }

  in6_addr six{};
  uint32_t scope = 0;
  if (!parseV6(text, six, scope)) return false;
  *this = Address();
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = six;
  v6.sin6_port = htons(port);
  v6.sin6_scope_id = scope;
  return true;
}

uint16_t Address::port() const {
  if (family() == AF_INET) return ntohs(v4.sin_port);
  if (family() == AF_INET6) return ntohs(v6.sin6_port);
  return 0;
}

void Address::setPort(uint16_t port) {
  if (family() == AF_INET) v4.sin_port = htons(port);
  if (family() == AF_INET6) v6.sin6_port = htons(port);
}

socklen_t Address::size() const {
  if (family() == AF_INET) return sizeof(v4);
  if (family() == AF_INET6) return sizeof(v6);
  return 0;
}

// By hand: every connection is asked for its peer once, and inet_ntop formats with sprintf.
static std::string dotted(const in_addr& address) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&address);
  char literal[16];
  char* at = literal;
  for (int i = 0; i < 4; ++i) {
    const uint8_t value = bytes[i];
    if (i > 0) *at++ = '.';
    if (value >= 100) *at++ = static_cast<char>('0' + value / 100);
    if (value >= 10) *at++ = static_cast<char>('0' + value / 10 % 10);
    *at++ = static_cast<char>('0' + value % 10);
  }
  return std::string(literal, at);
}

std::string Address::text() const {
  if (family() == AF_INET) return dotted(v4.sin_addr);
  if (family() != AF_INET6) return std::string();

  char literal[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(AF_INET6, &v6.sin6_addr, literal, sizeof(literal));
  if (v6.sin6_scope_id == 0) return literal;
  return std::string(literal) + '%' + std::to_string(v6.sin6_scope_id);
}

}  // namespace ics
