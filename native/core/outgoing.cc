// Loop: sockets the application opens itself, to connect (TCP) or to exchange datagrams (UDP).
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "loop.h"
#include "sockopt.h"
#include "sys.h"

namespace ics {

int Loop::openSocket(int family, bool datagram) {
  const int fd = sys::openSocket(family, datagram ? SOCK_DGRAM : SOCK_STREAM);
  if (fd < 0) return fd;
  Connection* connection = take(fd, SocketKind::Bound);
  if (!connection) return -ENOMEM;
  if (datagram) {
    connection->datagram.reset(new (std::nothrow) DatagramState());
    if (!connection->datagram) {
      releaseSocket(*connection, CloseHow::Graceful);
      return -ENOMEM;
    }
  } else {
    setSockOpt(fd, SockOpt::ReuseAddr, 1);  // as ICS: a fixed local port may be used again at once
  }
  return connection->handle;
}

int Loop::bindLocal(int32_t handle, const Address& address) {
  Connection* connection = table_.find(handle);
  if (!connection || connection->kind != SocketKind::Bound) return -EINVAL;
  if (address.family() == AF_INET6) setSockOpt(connection->fd, SockOpt::V6Only, 1);
  return sys::bindTo(connection->fd, address);
}

int Loop::connect(int32_t handle, const Address& address) {
  Connection* connection = table_.find(handle);
  if (!connection || connection->kind != SocketKind::Bound || connection->datagram) return -EINVAL;
  const int begun = sys::connectTo(connection->fd, address);
  if (begun < 0 && begun != -EINPROGRESS) return begun;
  connection->peer = address;
  connection->kind = SocketKind::Connecting;
  setInterest(*connection, wantedInterest(*connection));
  return connection->registered || connection->suspended ? 0 : -ENOMEM;
}

// The kernel has decided about a connection: kFdConnect, once, with its error.
void Loop::collectConnect(Connection& connection, uint8_t flags) {
  if (!(flags & (kWritable | kHangUp | kFailed))) return;
  int error = sys::takeError(connection.fd);
  if (error == 0 && flags & kHangUp) error = ECONNRESET;
  if (error == 0 && isOwnPeer(connection)) error = ECONNREFUSED;
  if (error != 0) {
    quiet(connection, kFailed);
  } else {
    connection.kind = SocketKind::Connected;
    setInterest(connection, wantedInterest(connection));  // input that is there is reported anew
  }
  queue_.push(connection.handle, kFdConnect, error);
}

// TCP lets a socket connect to itself when the port it tries is the one it was given.
bool Loop::isOwnPeer(const Connection& connection) const {
  Address own;
  if (sys::localAddress(connection.fd, own) < 0 || own.family() != connection.peer.family())
    return false;
  if (own.port() != connection.peer.port()) return false;
  return own.family() == AF_INET
             ? own.v4.sin_addr.s_addr == connection.peer.v4.sin_addr.s_addr
             : std::memcmp(&own.v6.sin6_addr, &connection.peer.v6.sin6_addr, 16) == 0;
}

int Loop::startDatagrams(int32_t handle, const Address& target) {
  Connection* connection = table_.find(handle);
  if (!connection || connection->kind != SocketKind::Bound || !connection->datagram) return -EINVAL;
  connection->peer = target;
  connection->kind = SocketKind::Datagram;
  setInterest(*connection, wantedInterest(*connection));
  return connection->registered || connection->suspended ? 0 : -ENOMEM;
}

void Loop::setAllowance(int32_t handle, int32_t bytes) {
  Connection* connection = table_.find(handle);
  if (!connection) return;
  const int32_t before = connection->allowance;
  connection->allowance = bytes;
  const bool more = before >= 0 && (bytes < 0 || bytes > before);
  if (!more || connection->kind != SocketKind::Connected) return;
  // Arrivals were not told while nothing was allowed, and a handler that took nothing may not have
  // seen all of them.
  if (connection->edgeWait && sys::unreadBytes(connection->fd) > before)
    connection->edgeWait = connection->readPending = false;
  list(*connection);
}

}  // namespace ics
