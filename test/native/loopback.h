// A real TCP connection on loopback for tests, on a port the kernel chooses. No wait is longer than
// the deadline, and the descriptors are closed (and the closing checked) with the object.
#pragma once

#include <sys/socket.h>

#include <string>

#include "address.h"
#include "check.h"
#include "sys.h"

namespace ics::test {

constexpr int kDeadlineMs = 5000;

// The listening descriptor and where it listens, or -1.
inline int listenLocally(const char* host, Address& address) {
  CHECK(address.parse(host, 0));
  const int fd = sys::openSocket(address.family(), SOCK_STREAM);
  if (sys::bindTo(fd, address) != 0 || sys::listenOn(fd, 16) != 0) {
    sys::closeFd(fd);
    return -1;
  }
  CHECK(sys::localAddress(fd, address) == 0);
  return fd;
}

// A listener, a connected client and the accepted end of the connection.
struct Connection {
  Address address;
  Address peer;
  int listener = listenLocally("127.0.0.1", address);
  int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int accepted = -1;

  Connection() {
    CHECK(::connect(client, &address.base, address.size()) == 0);
    CHECK(sys::waitReadable(listener, kDeadlineMs) == 1);
    accepted = sys::acceptFrom(listener, peer);
    CHECK(accepted >= 0);
  }
  ~Connection() {
    CHECK(sys::closeFd(listener) == 0);
    if (client >= 0) CHECK(sys::closeFd(client) == 0);
    CHECK(sys::closeFd(accepted) == 0);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void clientSends(const std::string& text) const {
    CHECK(::send(client, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    CHECK(sys::waitReadable(accepted, kDeadlineMs) == 1);
  }
  void clientResets() {
    CHECK(sys::setLinger(client, true, 0) == 0);
    CHECK(sys::closeFd(client) == 0);
    client = -1;
    CHECK(sys::waitReadable(accepted, kDeadlineMs) == 1);
  }
};

}  // namespace ics::test
