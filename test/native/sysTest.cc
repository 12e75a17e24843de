// core/sys against the real kernel: accept, FIN, RST, discard, waits, names.
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "address.h"
#include "check.h"
#include "loopback.h"
#include "sockopt.h"
#include "sys.h"

namespace ics {
namespace {

using test::Connection;
using test::kDeadlineMs;
using test::listenLocally;

bool isNonBlocking(int fd) { return (::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0; }
bool isCloseOnExec(int fd) { return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }

TEST("sys: sockets are opened non-blocking and close-on-exec") {
  const int fd = sys::openSocket(AF_INET, SOCK_STREAM);
  CHECK(fd >= 0 && isNonBlocking(fd) && isCloseOnExec(fd));
  CHECK(sys::socketType(fd) == SOCK_STREAM);
  CHECK(sys::closeFd(fd) == 0);
  CHECK(sys::closeFd(fd) == -EBADF);
  CHECK(sys::openSocket(-1, SOCK_STREAM) == -EAFNOSUPPORT);
}

TEST("sys: an accepted socket is non-blocking, close-on-exec and knows its peer") {
  Connection connection;
  CHECK(isNonBlocking(connection.accepted) && isCloseOnExec(connection.accepted));
  CHECK(sys::fileId(connection.accepted) == sys::fileId(connection.accepted));
  CHECK(sys::fileId(connection.accepted) != sys::fileId(connection.listener));

  Address local;
  Address remote;
  CHECK(sys::localAddress(connection.client, local) == 0);
  CHECK(connection.peer.text() == "127.0.0.1");
  CHECK(connection.peer.port() == local.port());
  CHECK(sys::peerAddress(connection.accepted, remote) == 0);
  CHECK(remote.port() == local.port());
  CHECK(sys::localAddress(connection.accepted, local) == 0);
  CHECK(local.port() == connection.address.port());
}

TEST("sys: accepting with nobody waiting would block, and leaves the address alone") {
  Address address;
  const int listener = listenLocally("127.0.0.1", address);
  Address peer;
  CHECK(peer.parse("10.0.0.1", 7));
  CHECK(sys::acceptFrom(listener, peer) == -EAGAIN);
  CHECK(peer.text() == "10.0.0.1" && peer.port() == 7);
  CHECK(sys::peerAddress(listener, peer) == -ENOTCONN);
  CHECK(sys::closeFd(listener) == 0);
  CHECK(sys::acceptFrom(listener, peer) == -EBADF);
}

TEST("sys: a used address cannot be bound again") {
  Address address;
  const int first = listenLocally("127.0.0.1", address);
  const int second = sys::openSocket(AF_INET, SOCK_STREAM);
  CHECK(sys::bindTo(second, address) == -EADDRINUSE);
  CHECK(sys::closeFd(first) == 0);
  CHECK(sys::closeFd(second) == 0);
}

TEST("sys: IPv6 loopback works where the machine has it") {
  Address address;
  const int listener = listenLocally("::1", address);
  if (listener < 0) {
    std::printf("skipped: no IPv6 loopback on this machine\n");
    return;
  }
  CHECK(address.family() == AF_INET6 && address.port() != 0);
  CHECK(address.text() == "::1");
  CHECK(setSockOpt(listener, SockOpt::V6Only, 1) != 0);  // too late: already bound
  CHECK(sys::closeFd(listener) == 0);
}

TEST("sys: receive, peek and the unread count see the same bytes") {
  Connection connection;
  char buffer[16] = {};
  CHECK(sys::receive(connection.accepted, buffer, sizeof(buffer)) == -EAGAIN);
  CHECK(sys::peek(connection.accepted, buffer, sizeof(buffer)) == -EAGAIN);
  CHECK(sys::unreadBytes(connection.accepted) == 0);

  connection.clientSends("hello");
  CHECK(sys::unreadBytes(connection.accepted) == 5);
  CHECK(sys::peek(connection.accepted, buffer, 2) == 2);
  CHECK(std::memcmp(buffer, "he", 2) == 0);
  CHECK(sys::receive(connection.accepted, buffer, sizeof(buffer)) == 5);
  CHECK(std::memcmp(buffer, "hello", 5) == 0);
  CHECK(sys::unreadBytes(connection.accepted) == 0);
}

TEST("sys: receive answers 0 for a FIN, again and again, and sending still works") {
  Connection connection;
  connection.clientSends("bye");
  CHECK(sys::shutdownSocket(connection.client, SHUT_WR) == 0);
  char buffer[16];
  CHECK(sys::receive(connection.accepted, buffer, sizeof(buffer)) == 3);
  CHECK(sys::waitReadable(connection.accepted, kDeadlineMs) == 1);
  CHECK(sys::receive(connection.accepted, buffer, sizeof(buffer)) == 0);
  CHECK(sys::receive(connection.accepted, buffer, sizeof(buffer)) == 0);
  CHECK(sys::send(connection.accepted, "ok", 2) == 2);
  CHECK(::recv(connection.client, buffer, sizeof(buffer), 0) == 2);
}

TEST("sys: a reset is ECONNRESET for the reader") {
  Connection connection;
  connection.clientResets();
  char buffer[16];
  CHECK(sys::receive(connection.accepted, buffer, sizeof(buffer)) == -ECONNRESET);
  CHECK(sys::send(connection.accepted, "x", 1) == -EPIPE);
}

TEST("sys: takeError gives a reset as a positive number, once") {
  Connection connection;
  connection.clientResets();
  CHECK(sys::takeError(connection.accepted) == ECONNRESET);
  CHECK(sys::takeError(connection.accepted) == 0);
  CHECK(sys::takeError(-1) == EBADF);
}

TEST("sys: sending after the own shutdown is EPIPE and no signal") {
  Connection connection;
  CHECK(sys::shutdownSocket(connection.accepted, SHUT_WR) == 0);
  const iovec part = {const_cast<char*>("x"), 1};
  CHECK(sys::send(connection.accepted, "x", 1) == -EPIPE);
  CHECK(sys::sendv(connection.accepted, &part, 1) == -EPIPE);
}

TEST("sys: sendv sends the parts in order") {
  Connection connection;
  const iovec parts[] = {{const_cast<char*>("ab"), 2}, {const_cast<char*>("cde"), 3}};
  CHECK(sys::sendv(connection.accepted, parts, 2) == 5);
  char buffer[8] = {};
  CHECK(::recv(connection.client, buffer, 5, MSG_WAITALL) == 5);
  CHECK(std::string(buffer) == "abcde");
}

TEST("sys: no send or receive blocks, even on a blocking descriptor") {
  Connection connection;
  char buffer[64 * 1024] = {};
  CHECK(!isNonBlocking(connection.client));
  CHECK(sys::receive(connection.client, buffer, 1) == -EAGAIN);
  CHECK(sys::discard(connection.client, 1) == -EAGAIN);
  ssize_t sent = 0;
  do {
    sent = sys::send(connection.client, buffer, sizeof(buffer));
  } while (sent > 0);
  CHECK(sent == -EAGAIN);
}

TEST("sys: discard throws away bytes but never more than asked, and sees the FIN") {
  Connection connection;
  CHECK(sys::discard(connection.accepted, 100) == -EAGAIN);
  connection.clientSends("0123456789");
  CHECK(sys::discard(connection.accepted, 4) == 4);
  char buffer[16] = {};
  CHECK(sys::receive(connection.accepted, buffer, 2) == 2);
  CHECK(std::memcmp(buffer, "45", 2) == 0);
  CHECK(sys::discard(connection.accepted, 1 << 20) == 4);
  CHECK(sys::shutdownSocket(connection.client, SHUT_WR) == 0);
  CHECK(sys::waitReadable(connection.accepted, kDeadlineMs) == 1);
  CHECK(sys::discard(connection.accepted, 1 << 20) == 0);
}

TEST("sys: waitReadable tells readable, timeout and a wrong descriptor apart") {
  Connection connection;
  CHECK(sys::waitReadable(connection.accepted, 0) == 0);
  const uint64_t start = sys::monotonicMicroseconds();
  CHECK(sys::waitReadable(connection.accepted, 20) == 0);
  CHECK(sys::monotonicMicroseconds() - start >= 19000);
  connection.clientSends("x");
  CHECK(sys::waitReadable(connection.accepted, -1) == 1);

  const int closed = ::dup(connection.accepted);
  CHECK(sys::closeFd(closed) == 0);
  CHECK(sys::waitReadable(closed, kDeadlineMs) == -EBADF);
}

void onAlarm(int) {}

// Sends SIGALRM every few milliseconds, without SA_RESTART, while it lives.
class Alarms {
 public:
  Alarms() {
    struct sigaction action {};
    action.sa_handler = onAlarm;
    CHECK(::sigaction(SIGALRM, &action, &before_) == 0);
    itimerval every{};
    every.it_value.tv_usec = every.it_interval.tv_usec = 5000;
    CHECK(::setitimer(ITIMER_REAL, &every, nullptr) == 0);
  }
  ~Alarms() {
    const itimerval off{};
    CHECK(::setitimer(ITIMER_REAL, &off, nullptr) == 0);
    CHECK(::sigaction(SIGALRM, &before_, nullptr) == 0);
  }
  Alarms(const Alarms&) = delete;
  Alarms& operator=(const Alarms&) = delete;

 private:
  struct sigaction before_ {};
};

TEST("sys: a signal ends the waits early with 0") {
  Connection connection;
  const int set = sys::epollCreate();
  CHECK(sys::epollControl(set, EPOLL_CTL_ADD, connection.accepted, EPOLLIN, 1) == 0);
  const uint64_t start = sys::monotonicMicroseconds();
  {
    Alarms alarms;
    epoll_event event{};
    CHECK(sys::waitReadable(connection.accepted, 60000) == 0);
    CHECK(sys::epollWait(set, &event, 1, 60000) == 0);
  }
  CHECK(sys::monotonicMicroseconds() - start < 30000000);
  CHECK(sys::closeFd(set) == 0);
}

TEST("sys: epoll hands back the number given with the descriptor") {
  Connection connection;
  const int set = sys::epollCreate();
  CHECK(set >= 0 && isCloseOnExec(set));
  const uint64_t data = 0xFEDCBA9876543210;
  CHECK(sys::epollControl(set, EPOLL_CTL_ADD, connection.accepted, EPOLLIN, data) == 0);
  CHECK(sys::epollControl(set, EPOLL_CTL_ADD, connection.accepted, EPOLLIN, data) == -EEXIST);
  epoll_event events[4];
  CHECK(sys::epollWait(set, events, 4, 0) == 0);
  connection.clientSends("x");
  CHECK(sys::epollWait(set, events, 4, kDeadlineMs) == 1);
  CHECK(events[0].data.u64 == data && (events[0].events & EPOLLIN) != 0);
  CHECK(sys::epollControl(set, EPOLL_CTL_DEL, connection.accepted, 0, 0) == 0);
  CHECK(sys::epollControl(set, EPOLL_CTL_DEL, connection.accepted, 0, 0) == -ENOENT);
  CHECK(sys::closeFd(set) == 0);
}

TEST("sys: files and closed descriptors are told from sockets") {
  const int null = sys::openNull();
  CHECK(null >= 0 && isCloseOnExec(null));
  CHECK(sys::socketType(null) == -ENOTSOCK);
  CHECK(sys::fileId(null) != 0);
  CHECK(sys::closeFd(null) == 0);
  CHECK(sys::socketType(null) == -EBADF);
  CHECK(sys::fileId(null) == 0);
  CHECK(sys::makeNonBlocking(null) == -EBADF);
  CHECK(sys::unreadBytes(null) == -EBADF);
}

TEST("sys: makeNonBlocking changes a blocking descriptor and is idempotent") {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  CHECK(!isNonBlocking(fd));
  CHECK(sys::makeNonBlocking(fd) == 0 && isNonBlocking(fd));
  CHECK(sys::makeNonBlocking(fd) == 0 && isNonBlocking(fd));
  CHECK(sys::socketType(fd) == SOCK_DGRAM);
  CHECK(sys::closeFd(fd) == 0);
}

TEST("sys: a service name is a port of its protocol") {
  CHECK(sys::servicePort("no-such-service-name", "tcp") == -ENOENT);
  CHECK(sys::servicePort("", "tcp") == -ENOENT);
  if (::getservbyname("http", "tcp") == nullptr) {
    std::printf("skipped: this machine has no list of services\n");
    return;
  }
  CHECK(sys::servicePort("http", "tcp") == 80);
  CHECK(sys::servicePort("smtp", "tcp") == 25);
  CHECK(sys::servicePort("smtp", "no-such-protocol") == -ENOENT);
}

TEST("sys: a host name is resolved to the wanted family or a Windows error number") {
  Address address;
  CHECK(sys::resolveHost("localhost", AF_INET, address) == 0);
  CHECK(address.text() == "127.0.0.1" && address.port() == 0);
  CHECK(sys::resolveHost("127.0.0.2", AF_UNSPEC, address) == 0);
  CHECK(address.text() == "127.0.0.2");
  CHECK(sys::resolveHost("::1", AF_UNSPEC, address) == 0);
  CHECK(address.family() == AF_INET6 && address.text() == "::1");
  CHECK(sys::resolveHost("", AF_INET, address) == 11001);
  CHECK(sys::resolveHost("::1", AF_INET, address) >= 11001);
  CHECK(address.text() == "::1");  // a failure leaves it alone
}

TEST("sys: the clock never goes back") {
  uint64_t last = sys::monotonicMicroseconds();
  for (int i = 0; i < 1000; ++i) {
    const uint64_t now = sys::monotonicMicroseconds();
    CHECK(now >= last);
    last = now;
  }
}

}  // namespace
}  // namespace ics
