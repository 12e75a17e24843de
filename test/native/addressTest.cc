// core/address: what counts as a literal, and the way back to text.
#include <arpa/inet.h>
#include <net/if.h>

#include <cstring>
#include <string>

#include "address.h"
#include "check.h"

namespace ics {
namespace {

bool isLiteral(const char* text) {
  Address address;
  return address.parse(text, 1);
}

std::string roundTrip(const char* text) {
  Address address;
  return address.parse(text, 1) ? address.text() : "not an address";
}

TEST("address: a new one belongs to no family and has no text, size or port") {
  Address address;
  address.setPort(80);
  CHECK(address.family() == AF_UNSPEC);
  CHECK(address.size() == 0);
  CHECK(address.port() == 0);
  CHECK(address.text().empty());
}

TEST("address: takes dotted IPv4 with a port in network order") {
  Address address;
  CHECK(address.parse("192.168.0.255", 8080));
  CHECK(address.family() == AF_INET);
  CHECK(address.size() == sizeof(sockaddr_in));
  CHECK(address.port() == 8080);
  CHECK(address.v4.sin_port == htons(8080));
  CHECK(address.v4.sin_addr.s_addr == htonl(0xC0A800FF));
  CHECK(address.text() == "192.168.0.255");
  address.setPort(65535);
  CHECK(address.port() == 65535);
}

TEST("address: refuses everything that only looks like IPv4") {
  const char* const wrong[] = {"",          "1",          "1.2.3",      "1.2.3.4.5",  "256.1.1.1",
                               "1.2.3.-4",  " 1.2.3.4",   "1.2.3.4 ",   "0x7f.0.0.1", "127.1",
                               "localhost", "1.2.3.4:80", "1.2.3.4%lo", "1..2.3",     "01.2.3.4"};
  for (const char* text : wrong) CHECK(!isLiteral(text));
}

TEST("address: takes IPv6 and writes it in its shortest form") {
  Address address;
  CHECK(address.parse("2001:DB8:0:0:0:0:0:1", 443));
  CHECK(address.family() == AF_INET6);
  CHECK(address.size() == sizeof(sockaddr_in6));
  CHECK(address.port() == 443);
  CHECK(address.text() == "2001:db8::1");
  CHECK(roundTrip("::") == "::");
  CHECK(roundTrip("::1") == "::1");
  CHECK(roundTrip("::ffff:10.1.2.3") == "::ffff:10.1.2.3");
}

TEST("address: refuses malformed IPv6") {
  const char* const wrong[] = {":",   ":::",   "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
                               "::g", "[::1]", "1::2::3",       "12345::"};
  for (const char* text : wrong) CHECK(!isLiteral(text));
}

TEST("address: a scope may be a number or the name of an interface") {
  Address address;
  CHECK(address.parse("fe80::1%7", 1));
  CHECK(address.v6.sin6_scope_id == 7);
  CHECK(address.text() == "fe80::1%7");

  const unsigned loopback = ::if_nametoindex("lo");
  if (loopback != 0) {
    CHECK(address.parse("fe80::1%lo", 1));
    CHECK(address.v6.sin6_scope_id == loopback);
    CHECK(address.text() == "fe80::1%" + std::to_string(loopback));
  }
  CHECK(roundTrip("fe80::1%4294967295") == "fe80::1%4294967295");
}

TEST("address: refuses a scope that is empty, too large or unknown") {
  CHECK(!isLiteral("fe80::1%"));
  CHECK(!isLiteral("fe80::1%4294967296"));
  CHECK(!isLiteral("fe80::1%99999999999999999999999999"));
  CHECK(!isLiteral("fe80::1%noSuchInterface"));
  CHECK(!isLiteral("fe80::1%1%2"));
  CHECK(!isLiteral("%1"));
}

TEST("address: an overlong text is refused, not cut") {
  const std::string overlong(5000, ':');
  CHECK(!isLiteral(overlong.c_str()));
  CHECK(!isLiteral((overlong + "%1").c_str()));
  CHECK(!isLiteral(("::1%" + std::string(5000, 'x')).c_str()));
}

TEST("address: a failed parse changes nothing, a good one leaves no trace of the old") {
  Address address;
  CHECK(address.parse("fe80::1%7", 99));
  CHECK(!address.parse("fe80::1%", 1));
  CHECK(!address.parse("nobody", 1));
  CHECK(address.text() == "fe80::1%7");
  CHECK(address.port() == 99);

  CHECK(address.parse("10.0.0.1", 5));
  Address fresh;
  CHECK(fresh.parse("10.0.0.1", 5));
  CHECK(std::memcmp(&address.v6, &fresh.v6, sizeof(fresh.v6)) == 0);
}

}  // namespace
}  // namespace ics
