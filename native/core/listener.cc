// Loop: listening sockets and accepting.
#include <sys/socket.h>

#include <cerrno>

#include "loop.h"
#include "sockopt.h"
#include "sys.h"

namespace ics {
namespace {

constexpr int kAbortedTries = 16;

// Errors of a connection that died while it waited; Linux also hands over network errors here.
bool isGone(int error) {
  switch (error) {
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
      return true;
    default:
      return false;
  }
}

bool isShortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

int Loop::bind(const Address& address, bool sharePort) {
  const int fd = sys::openSocket(address.family(), SOCK_STREAM);
  if (fd < 0) return fd;
  Connection* connection = take(fd, SocketKind::Bound);
  if (!connection) return -ENOMEM;

  // On POSIX a restart must not fail because of connections in TIME_WAIT, and [::] must not take
  // the IPv4 port as well: both as Winsock does by itself.
  setSockOpt(fd, SockOpt::ReuseAddr, 1);
  if (address.family() == AF_INET6) setSockOpt(fd, SockOpt::V6Only, 1);
  const int shared = sharePort ? setSockOpt(fd, SockOpt::ReusePort, 1) : 0;
  const int bound = shared < 0 ? shared : sys::bindTo(fd, address);
  if (bound < 0) {
    releaseSocket(*connection, CloseHow::Graceful);
    return bound;
  }
  return connection->handle;
}

int Loop::listen(int32_t handle, int backlog) {
  Connection* connection = table_.find(handle);
  if (!connection || connection->kind != SocketKind::Bound) return -EINVAL;
  const int listening = sys::listenOn(connection->fd, backlog);
  if (listening < 0) return listening;
  connection->kind = SocketKind::Listening;
  if (reserve_ < 0) reserve_ = sys::openNull();
  if (connection->suspended) return 0;
  const uint8_t interest = connection->paused ? 0 : kWantRead;
  const int added = poller_->add(connection->fd, interest, handle);
  if (added < 0) return added;
  connection->registered = true;
  connection->interest = interest;
  return 0;
}

int Loop::accept(int32_t handle) {
  Connection* listener = table_.find(handle);
  if (!listener || listener->kind != SocketKind::Listening || listener->lost) return -EINVAL;
  touched(*listener);
  for (int tries = 0; tries < kAbortedTries; ++tries) {
    Address peer;
    const int fd = sys::acceptFrom(listener->fd, peer);
    if (fd >= 0) {
      Connection* connection = take(fd, SocketKind::Accepted);
      if (!connection) {
        ++counters_.acceptFailures;
        return -ENOMEM;
      }
      connection->peer = peer;
      ++counters_.accepted;
      return connection->handle;
    }
    if (isShortage(-fd)) return refuseOne(listener->fd, fd);
    if (!isGone(-fd)) return fd;
  }
  return -ECONNABORTED;
}

// No descriptor is left. Leaving the connection in the backlog would make the poller report it
// for ever, so the reserve descriptor's number is lent to it and it is closed: its client learns
// at once. -EBUSY: even that did not work (somebody else took the number); the caller must wait.
int Loop::refuseOne(int listener, int error) {
  if (reserve_ < 0) reserve_ = sys::openNull();
  if (reserve_ < 0) return -EBUSY;
  sys::closeFd(reserve_);
  Address peer;
  const int fd = sys::acceptFrom(listener, peer);
  if (fd >= 0) sys::closeFd(fd);
  reserve_ = sys::openNull();
  if (fd == -EAGAIN) return -EAGAIN;
  if (fd < 0) return -EBUSY;
  ++counters_.acceptFailures;
  return error;
}

}  // namespace ics
