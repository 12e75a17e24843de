// One IPv4 or IPv6 socket address, 28 bytes, and its text forms. No system call is made here.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace ics {

struct Address {
  union {
    sockaddr base;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };

  Address();  // family AF_UNSPEC

  // Literal addresses only: dotted IPv4 (exactly four numbers 0..255) or IPv6, the latter with an
  // optional %scope (number or interface name). False leaves the address untouched.
  bool parse(const char* text, uint16_t port);

  int family() const { return base.sa_family; }
  uint16_t port() const;
  void setPort(uint16_t port);
  socklen_t size() const;    // as the system calls want it; 0 for AF_UNSPEC
  std::string text() const;  // without port; '' for AF_UNSPEC; "%<id>" when there is a scope
};

}  // namespace ics
