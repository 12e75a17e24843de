// The parking lot, and what a loop does when a socket leaves it or arrives.
#include "transfer.h"

#include <cerrno>
#include <climits>
#include <cstring>
#include <new>
#include <utility>

#include "loop.h"
#include "sys.h"
#include "thread.h"

namespace ics {

ParkingLot& ParkingLot::shared() {
  static ParkingLot* const lot = new ParkingLot();
  return *lot;
}

int ParkingLot::park(std::unique_ptr<Connection>& connection, uint32_t lifeMs) {
  const uint64_t now = sys::monotonicMicroseconds();
  const std::lock_guard<std::mutex> lock(mutex_);
  expireLocked(now);
  try {
    do {
      lastToken_ = lastToken_ == INT_MAX ? 1 : lastToken_ + 1;
    } while (places_.count(lastToken_) != 0);
    Parked& place = places_[lastToken_];
    if (lifeMs > 0) place.due = now + uint64_t{lifeMs} * 1000;
    if (place.due < nextDue_) nextDue_ = place.due;
    place.connection = std::move(connection);
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
  // The last environment may end while something is parked; Node would unload the lot with it.
  if (!pinned_) keepLibraryLoaded();
  pinned_ = true;
  return lastToken_;
}

Parked ParkingLot::take(int token) {
  const std::lock_guard<std::mutex> lock(mutex_);
  expireLocked(sys::monotonicMicroseconds());
  const auto found = places_.find(token);
  if (found == places_.end()) return Parked();
  Parked parked = std::move(found->second);
  places_.erase(found);
  return parked;
}

int ParkingLot::putBack(int token, Parked& parked) {
  const std::lock_guard<std::mutex> lock(mutex_);
  try {
    Parked& place = places_[token];
    place = std::move(parked);
    if (place.due < nextDue_) nextDue_ = place.due;
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
  return 0;
}

int64_t ParkingLot::expire() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return expireLocked(sys::monotonicMicroseconds());
}

int64_t ParkingLot::expireLocked(uint64_t now) {
  if (nextDue_ <= now) {
    nextDue_ = UINT64_MAX;
    for (auto place = places_.begin(); place != places_.end();) {
      if (place->second.due <= now) {
        closeParked(*place->second.connection);
        place = places_.erase(place);
        continue;
      }
      if (place->second.due < nextDue_) nextDue_ = place->second.due;
      ++place;
    }
  }
  return nextDue_ == UINT64_MAX ? -1 : static_cast<int64_t>((nextDue_ - now + 999) / 1000);
}

size_t ParkingLot::count() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return places_.size();
}

void closeParked(Connection& connection) {
  BlockPool pool;
  if (!isForeign(connection)) closeDescriptor(connection, CloseHow::Graceful);
  connection.input.clear(pool);
}

namespace {

// Everything that belongs to the connection and not to the loop it is in.
void moveConnection(Connection& from, Connection& to) {
  to.fd = from.fd;
  to.kind = from.kind;
  to.paused = from.paused;
  to.writeWanted = from.writeWanted;
  to.sawEnd = from.sawEnd;
  to.urgent = from.urgent;
  to.finPending = from.finPending;
  to.heldBack = from.heldBack;
  to.closeError = from.closeError;
  to.broken = from.broken;
  to.fileId = from.fileId;
  to.lineLeft = from.lineLeft;
  to.peer = from.peer;
  to.scanner = from.scanner;
  to.input.take(from.input);
  to.output.take(from.output);
  to.lineEnd = std::move(from.lineEnd);
  to.datagram = std::move(from.datagram);
  to.allowance = from.allowance;
  to.readCount = from.readCount;
  to.writeCount = from.writeCount;
}

bool mayLeave(const Connection& connection) {
  switch (connection.kind) {
    case SocketKind::Listening:
    case SocketKind::Connected:
    case SocketKind::Datagram:
      return true;
    default:
      return false;
  }
}

}  // namespace

int Loop::park(int32_t handle, uint32_t lifeMs) {
  Connection* connection = table_.find(handle);
  if (!connection || connection->lost) return -EBADF;
  if (!mayLeave(*connection)) return -EINVAL;
  if (connection->filtered) return -EOPNOTSUPP;
  std::unique_ptr<Connection> parked(new (std::nothrow) Connection());
  if (!parked) return -ENOMEM;
  if (!stayOutside(*connection)) return -EBADF;
  const bool suspended = connection->suspended;
  connection->suspended = true;  // nothing below asks the poller for it again
  if (!connection->output.empty() && !connection->writeWanted) {  // what was only collected
    const int error = flushQueue(*connection);
    if (error < 0) connection->closeError = -error;  // the new owner is told
  }
  info_.queued = static_cast<int32_t>(connection->output.size());
  totals_ = {static_cast<double>(connection->readCount),
             static_cast<double>(connection->writeCount)};
  connection->input.settle(pool_);
  moveConnection(*connection, *parked);
  const int token = ParkingLot::shared().park(parked, lifeMs);
  if (token < 0) {
    moveConnection(*parked, *connection);
    // What waited for memory or for a flush of the old owner waits for the kernel now.
    if (!connection->output.empty() && connection->allowance != 0) connection->writeWanted = true;
    connection->suspended = suspended;
    pause(handle, connection->paused);
    return token;
  }
  table_.disown(connection->fd);
  table_.release(*connection);
  return token;
}

int Loop::unpark(int token) {
  ParkingLot& lot = ParkingLot::shared();
  Parked parked = lot.take(token);
  if (!parked.connection) return -ENOENT;
  Connection& arriving = *parked.connection;
  if (isForeign(arriving)) {
    closeParked(arriving);
    return -ENOENT;
  }
  Connection* connection = table_.allocate();
  if (!connection || !table_.own(arriving.fd, *connection)) {
    if (connection) table_.release(*connection);
    if (lot.putBack(token, parked) < 0) closeParked(arriving);
    return -ENOMEM;
  }
  moveConnection(arriving, *connection);
  // Whatever kept it back before, a shortage of memory say: the poller tells when it may go out.
  if (!connection->output.empty()) connection->writeWanted = true;
  const uint8_t interest = connection->kind == SocketKind::Listening
                               ? (connection->paused ? 0 : kWantRead)
                               : wantedInterest(*connection);
  const int added = poller_->add(connection->fd, interest, connection->handle);
  if (added < 0) {
    table_.disown(connection->fd);
    moveConnection(*connection, arriving);
    table_.release(*connection);
    if (lot.putBack(token, parked) < 0) closeParked(arriving);
    return added;
  }
  connection->registered = true;
  connection->interest = interest;
  if (connection->kind == SocketKind::Listening && reserve_ < 0) reserve_ = sys::openNull();
  // Input that the kernel told the old loop of is told again; a datagram that was taken is not the
  // kernel's any more.
  if (connection->datagram || connection->broken) list(*connection);
  noteBlock(*connection);
  info_.queued = static_cast<int32_t>(connection->output.size());
  info_.count = static_cast<int32_t>(connection->kind);
  return connection->handle;
}

}  // namespace ics
