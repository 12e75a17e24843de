// Loop: UDP. A datagram is pulled like the bytes of a stream: it stays in the kernel until the
// application asks. To know whether another one waits, it has to be taken; it is then held in the
// connection's buffer until somebody reads it. The kernel tells of each arrival once, so a socket
// that may have more stays on the loop's list, until a look finds nothing or its handler ignores
// it.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "loop.h"
#include "sys.h"

namespace ics {

void Loop::collectDatagram(Connection& connection, uint8_t flags) {
  if (!(flags & (kReadable | kFailed)) || connection.paused) return;
  connection.drained = false;
  if (connection.readPending) {
    connection.looked = true;  // ignored() must know that something came after the report
    return;
  }
  connection.edgeWait = false;
  int32_t bits = 0;
  report(connection, bits);
  queue_.push(connection.handle, bits, 0);
}

// One datagram into the scratch block: its size, or -errno.
ssize_t Loop::takeDatagram(Connection& connection) {
  const ssize_t got =
      sys::receiveFrom(connection.fd, scratch_.get(), kScratch, connection.datagram->sender);
  connection.drained = got == -EAGAIN;
  if (connection.drained) unlist(connection);
  if (got < 0) return got;
  connection.readCount += static_cast<uint64_t>(got);
  counters_.bytesIn += static_cast<uint64_t>(got);
  return got;
}

// The application has read: whatever else is there is news again.
void Loop::tookDatagram(Connection& connection) {
  touched(connection);
  info_.more = connection.drained ? 0 : kMoreInput;
  if (!connection.drained) list(connection);
}

int Loop::holdDatagram(Connection& connection) {
  DatagramState& state = *connection.datagram;
  if (state.held) return 1;
  if (connection.lost) return -EBADF;
  const ssize_t got = takeDatagram(connection);
  if (got < 0) return static_cast<int>(got);
  connection.readCount -= static_cast<uint64_t>(got);  // counted when it is read
  if (!connection.input.append(scratch_.get(), static_cast<size_t>(got), pool_)) return -ENOMEM;
  noteBlock(connection);
  state.size = static_cast<size_t>(got);
  state.held = true;
  list(connection);
  return 1;
}

void Loop::dropDatagram(Connection& connection) {
  DatagramState& state = *connection.datagram;
  connection.readCount += state.size;
  consumeInput(connection, state.size);
  state.size = 0;
  state.held = false;
  tookDatagram(connection);
}

ssize_t Loop::receiveDatagram(Connection& from, uint8_t* to, size_t size, int flags) {
  if (from.lost) return -EBADF;
  DatagramState& state = *from.datagram;
  const uint8_t* data = scratch_.get();
  ssize_t got = 0;
  if (state.held || flags & kPeek) {
    const int held = holdDatagram(from);
    if (held < 0) return held;
    data = from.input.data();
    got = static_cast<ssize_t>(state.size);
  } else {
    got = takeDatagram(from);
    tookDatagram(from);
    if (got < 0) return got;
  }
  const size_t there = static_cast<size_t>(got);
  if (there > 0) std::memcpy(to, data, std::min(there, size));
  sender_ = state.sender;
  if (state.held && !(flags & kPeek)) dropDatagram(from);
  return there > size ? -EMSGSIZE : got;  // as Winsock: what fits was copied, the rest is gone
}

int Loop::datagramText(Connection& from, TextView& text) {
  const int held = holdDatagram(from);
  if (held < 0) return held;
  sender_ = from.datagram->sender;
  text.data = from.input.data();
  text.size = from.datagram->size;
  text.buffered = true;
  return 1;
}

// 0 and info_.written, or -errno. Nothing is queued: a datagram goes out whole or not at all.
int Loop::sendDatagram(Connection& connection, const uint8_t* from, size_t size,
                       const Address& target) {
  info_.written = info_.retry = info_.queued = 0;
  const ssize_t sent = sys::sendTo(connection.fd, from, size, target);
  if (sent < 0) return static_cast<int>(sent);
  connection.writeCount += static_cast<uint64_t>(sent);
  counters_.bytesOut += static_cast<uint64_t>(sent);
  info_.written = static_cast<int32_t>(sent);
  return 0;
}

int Loop::sendTo(int32_t handle, const uint8_t* from, size_t size, const Address& target) {
  Connection* connection = table_.find(handle);
  if (!connection || connection->kind != SocketKind::Datagram || connection->lost) return -EBADF;
  return sendDatagram(*connection, from, size, target);
}

ssize_t Loop::receiveFrom(int32_t handle, uint8_t* to, size_t size, int flags, Address& sender) {
  Connection* connection = table_.find(handle);
  if (!connection || connection->kind != SocketKind::Datagram) return -EBADF;
  info_.more = 0;
  const ssize_t got = receiveDatagram(*connection, to, size, flags);
  if (got >= 0 || got == -EMSGSIZE) sender = sender_;
  return got;
}

}  // namespace ics
