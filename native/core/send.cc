// Loop: the output of a connection. Either the kernel takes the bytes at once, or they are copied
// into the send queue and go out with one gathered write: at the end of the socket's dispatch, at
// kFlushAt, or when the kernel reports room again.
#include <algorithm>
#include <cerrno>

#include "loop.h"
#include "sys.h"

namespace ics {
namespace {

constexpr int kFlushRounds = 16;

// The socket is writable and yet nothing can be written: the poller would report it for ever, so
// the caller is asked to try again after a while.
bool isShortage(ssize_t result) { return result == -ENOBUFS || result == -ENOMEM; }

size_t allowedNow(const Connection& connection, size_t wanted) {
  return connection.allowance < 0 ? wanted
                                  : std::min(wanted, static_cast<size_t>(connection.allowance));
}

// Conditions that pass by themselves: the bytes stay queued and are tried again.
bool isTemporary(ssize_t result) { return result == -EAGAIN || isShortage(result); }

// May collect output that goes out when the connection is there.
bool willConnect(const Connection& connection) {
  return !connection.datagram &&
         (connection.kind == SocketKind::Bound || connection.kind == SocketKind::Connecting);
}

}  // namespace

void Loop::updateWrite(Connection& connection, bool wanted) {
  if (connection.writeWanted == wanted) return;
  connection.writeWanted = wanted;
  setInterest(connection, wantedInterest(connection));
}

int Loop::send(int32_t handle, const uint8_t* from, size_t size, int collect) {
  Connection* connection = table_.find(handle);
  info_.written = info_.retry = 0;
  if (!connection || connection->lost) return -EBADF;
  if (connection->kind == SocketKind::Datagram)
    return sendDatagram(*connection, from, size, connection->peer);
  if (connection->kind != SocketKind::Connected && !(collect && willConnect(*connection)))
    return -EBADF;
  if (size > kMaxQueue) return -ENOBUFS;
  if (collect || !connection->output.empty()) {
    if (size > kMaxQueue - connection->output.size()) return -ENOBUFS;
    if (!connection->output.append(from, size)) return -ENOMEM;
    return finishSend(*connection, collect);
  }
  const size_t allowed = allowedNow(*connection, size);
  ssize_t sent = allowed == 0 ? 0 : sys::send(connection->fd, from, allowed);
  if (sent < 0) {
    if (!isTemporary(sent)) return static_cast<int>(sent);
    info_.retry = isShortage(sent);
    sent = 0;
  }
  const size_t taken = static_cast<size_t>(sent);
  connection->writeCount += taken;
  counters_.bytesOut += taken;
  spend(*connection, taken);
  info_.written = static_cast<int32_t>(taken);
  if (taken < size) {
    if (!connection->output.append(from + taken, size - taken))
      return taken > 0 ? -ECONNABORTED : -ENOMEM;  // a stream with a hole cannot go on
    updateWrite(*connection, !info_.retry && connection->allowance != 0);
  }
  info_.queued = static_cast<int32_t>(connection->output.size());
  return 0;
}

OutputRoom Loop::reserve(int32_t handle, size_t size) {
  Connection* connection = table_.find(handle);
  if (!connection) return {};
  if (connection->kind != SocketKind::Connected && !willConnect(*connection)) return {};
  if (size > kMaxQueue - connection->output.size()) return {};
  return {connection, connection->output.reserve(size), size};
}

OutputRoom Loop::spare(int32_t handle) {
  Connection* connection = table_.find(handle);
  if (!connection || connection->kind != SocketKind::Connected || connection->lost) return {};
  if (connection->output.size() >= kFlushAt) return {};
  OutputRoom room{connection};
  room.at = connection->output.spare(room.size);
  return room;
}

int Loop::commit(const OutputRoom& room, size_t size, int collect) {
  Connection& connection = *room.connection;
  info_.written = info_.retry = 0;
  if (connection.lost) return -EBADF;
  connection.output.commit(size);
  return finishSend(connection, collect);
}

void Loop::leave(const OutputRoom& room) { room.connection->output.commit(0); }

int Loop::finishSend(Connection& connection, int collect) {
  int result = 0;
  const bool open = connection.kind == SocketKind::Connected;
  const bool due = !collect || (collect == kCollect && connection.output.size() >= kFlushAt);
  if (open && !connection.writeWanted && due) result = flushQueue(connection);
  info_.queued = static_cast<int32_t>(connection.output.size());
  return result;
}

int Loop::flush(int32_t handle) {
  Connection* connection = table_.find(handle);
  info_.written = info_.retry = 0;
  if (!connection || connection->kind != SocketKind::Connected || connection->lost) return -EBADF;
  const int result = flushQueue(*connection);
  info_.queued = static_cast<int32_t>(connection->output.size());
  return result;
}

int Loop::flushQueue(Connection& connection) {
  bool full = false;
  for (int round = 0; round < kFlushRounds && !full && !connection.output.empty(); ++round) {
    const size_t allowed = allowedNow(connection, connection.output.size());
    if (allowed == 0) break;
    const ssize_t sent = connection.output.flush(connection.fd, allowed);
    if (sent < 0 && !isTemporary(sent)) return static_cast<int>(sent);
    if (sent <= 0) {
      full = true;
      info_.retry = isShortage(sent);
      continue;
    }
    connection.writeCount += static_cast<uint64_t>(sent);
    counters_.bytesOut += static_cast<uint64_t>(sent);
    spend(connection, static_cast<size_t>(sent));
    info_.written += static_cast<int32_t>(sent);
  }
  const bool waited = connection.writeWanted;
  updateWrite(connection, !connection.output.empty() && !info_.retry && connection.allowance != 0);
  // Edge-triggered: unless this call really filled the kernel, its next report has to be asked for.
  if (waited && connection.writeWanted && (!full || info_.written == 0) && connection.registered)
    poller_->change(connection.fd, connection.interest, connection.handle);
  if (connection.output.empty() && connection.finPending) {
    connection.finPending = false;
    return sys::shutdownSocket(connection.fd, 1);
  }
  return 0;
}

int Loop::dropOutput(int32_t handle) {
  Connection* connection = table_.find(handle);
  if (!connection) return -EBADF;
  const int dropped = static_cast<int>(connection->output.size());
  connection->output.clear();
  updateWrite(*connection, false);
  info_.queued = 0;
  return dropped;
}

}  // namespace ics
