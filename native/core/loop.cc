#include "loop.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "sockopt.h"
#include "sys.h"

namespace ics {

int Loop::open() {
  poller_ = makePoller();
  scratch_.reset(new (std::nothrow) uint8_t[kScratch]);
  if (!poller_ || !scratch_) return -ENOMEM;
  try {
    ready_.resize(Poller::kMaxReady);
    blockHolders_.reserve(Poller::kMaxReady);
    listed_.reserve(Poller::kMaxReady);
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
  return poller_->open();
}

Loop::~Loop() {
  table_.forEach([this](Connection& connection) {
    // Accept() gave this number to the application, which may have closed it and not said so.
    if (connection.kind == SocketKind::Accepted) {
      Address now;
      connection.lost = sys::peerAddress(connection.fd, now) < 0 ||
                        std::memcmp(&now.v6, &connection.peer.v6, sizeof(now.v6)) != 0;
    }
    releaseSocket(connection, CloseHow::Graceful);
  });
  if (reserve_ >= 0) sys::closeFd(reserve_);
}

int Loop::poll(int timeoutMs) {
  if (!queue_.empty()) return queue_.count();
  queue_.reset();
  settleBlocks();
  const int count = poller_->wait(ready_.data(), listed_.empty() ? timeoutMs : 0);
  ++counters_.polls;
  for (int i = 0; i < count; ++i) collect(ready_[static_cast<size_t>(i)]);
  if (!listed_.empty()) collectListed();
  if (lookupsArrived_) collectLookups();
  counters_.events += static_cast<uint64_t>(queue_.count());
  return queue_.count();
}

void Loop::collect(const Ready& ready) {
  if (ready.handle == kLookupHandle) {
    lookupsArrived_ = true;
    return;
  }
  Connection* connection = table_.find(ready.handle);
  if (!connection || !connection->registered) return;
  if (connection->kind == SocketKind::Connecting) return collectConnect(*connection, ready.flags);
  if (connection->kind == SocketKind::Datagram) return collectDatagram(*connection, ready.flags);
  constexpr uint8_t kEnding = kPeerShut | kHangUp | kFailed;
  int32_t bits = 0;

  if (connection->kind == SocketKind::Listening) {
    if (ready.flags & (kHangUp | kFailed)) {
      connection->closeError = sys::takeError(connection->fd);
      bits = kFdClose;
      quiet(*connection, ready.flags);
    } else if (connection->readPending) {
      setInterest(*connection, 0);  // nobody accepts: silence until accept() is called
    } else {
      connection->readPending = true;
      bits = kFdAccept;
    }
  } else {
    if (ready.flags & kUrgent) {
      connection->urgent = true;  // being told once is enough
      setInterest(*connection, wantedInterest(*connection));
    }
    if (ready.flags & kReadable && !connection->paused && hasInput(*connection, ready.flags))
      collectInput(*connection, bits);
    if (ready.flags & kWritable && connection->writeWanted) bits |= kFdWrite;
    if (ready.flags & kEnding) {
      const bool fatal = ready.flags & kFailed;
      const bool known = connection->closeReported || (connection->paused && !fatal);
      const int error = fatal ? sys::takeError(connection->fd) : 0;
      if (error && !connection->errorReported) connection->closeError = error;
      if (known) quiet(*connection, ready.flags);
      // A reset may follow a FIN; a read may have taken its error already.
      if (!known || (connection->closeError && !connection->errorReported)) {
        connection->closeReported = true;
        connection->errorReported = connection->closeError != 0;
        bits |= kFdClose;
      }
    }
  }
  if (bits) queue_.push(connection->handle, bits, bits & kFdClose ? connection->closeError : 0);
}

// A FIN alone makes a socket readable too; FD_READ is for bytes.
bool Loop::hasInput(Connection& connection, uint8_t flags) {
  if (!(flags & (kPeerShut | kHangUp | kFailed))) return true;
  if (kernelHasInput(connection)) return true;
  connection.drained = true;
  if (!(flags & kFailed)) connection.sawEnd = true;
  return false;
}

// Whether bytes wait in the kernel. In a stream with urgent bytes only a look at the next byte
// tells: FIONREAD is 0 in front of one, and a short read may have stopped there.
bool Loop::kernelHasInput(Connection& connection) {
  if (connection.sawEnd || connection.lost) return false;
  if (!connection.urgent) return sys::unreadBytes(connection.fd) > 0;
  uint8_t next;
  const ssize_t seen = sys::peek(connection.fd, &next, 1);
  if (seen < 0 && seen != -EAGAIN) broke(connection, static_cast<int>(-seen));
  return seen > 0;
}

// Windows re-arms FD_READ with a receive call; so do we. Connections are edge-triggered: the kernel
// reports each arrival once, and a report that nobody acted on does not come again for the same
// bytes, or a handler that does not read would keep the thread busy.
void Loop::collectInput(Connection& connection, int32_t& bits) {
  if (mayRead(connection, 1) == 0) {  // setAllowance() looks again
    connection.drained = false;
    return;
  }
  if (connection.edgeWait) {
    const int unread = sys::unreadBytes(connection.fd);
    // What is behind an urgent byte is not counted: there each report of the kernel is news.
    if (!connection.urgent && unread <= static_cast<int>(connection.staleBytes)) return;
    connection.staleBytes = static_cast<uint32_t>(std::max(unread, 0));
    connection.drained = false;
    bits |= kFdRead;
  } else if (connection.readPending) {  // ignored() compares when the handler returns
    connection.drained = false;
    if (connection.urgent) noteSeen(connection, 0);
  } else {
    report(connection, bits);
  }
}

void Loop::report(Connection& connection, int32_t& bits) {
  connection.readPending = true;
  connection.looked = false;
  connection.drained = false;
  bits |= kFdRead;
}

// Input that was left when a read got all it asked for: the kernel has told of it already.
void Loop::list(Connection& connection) {
  if (connection.listed) return;
  try {
    listed_.push_back(connection.handle);
  } catch (const std::bad_alloc&) {
    return;
  }
  connection.listed = true;
  info_.pending = static_cast<int32_t>(listed_.size());
}

void Loop::unlist(Connection& connection) {
  if (!connection.listed || connection.broken || listed_.back() != connection.handle) return;
  listed_.pop_back();
  connection.listed = false;
  info_.pending = static_cast<int32_t>(listed_.size());
}

void Loop::collectListed() {
  const size_t count = std::min<size_t>(listed_.size(), Poller::kMaxReady);
  for (size_t i = 0; i < count; ++i) {
    Connection* connection = table_.find(listed_[i]);
    if (!connection) continue;
    connection->listed = false;
    if (connection->broken && !connection->suspended && !connection->closeReported) {
      connection->closeReported = connection->errorReported = true;
      queue_.push(connection->handle, kFdClose, connection->closeError);
      continue;
    }
    if (connection->paused || connection->suspended || connection->closeReported) continue;
    int32_t bits = 0;
    if (connection->kind == SocketKind::Datagram) {
      if (connection->readPending || connection->edgeWait) continue;
      if (more(connection->handle) == 0) continue;
      report(*connection, bits);
    } else if (connection->edgeWait || kernelHasInput(*connection)) {
      collectInput(*connection, bits);
    }
    if (bits) queue_.push(connection->handle, bits, 0);
  }
  listed_.erase(listed_.begin(), listed_.begin() + static_cast<std::ptrdiff_t>(count));
  info_.pending = static_cast<int32_t>(listed_.size());
}

// A failure that the kernel tells once only, or that is ours (no memory for the poller's entry):
// the next poll tells the owner, who would wait for ever otherwise.
void Loop::broke(Connection& connection, int error) {
  connection.closeError = error;
  if (error == EBADF || error == ENOTSOCK) return;  // the program's doing, it has been answered
  connection.broken = true;
  list(connection);
}

int Loop::failure(int32_t handle) {
  const Connection* connection = table_.find(handle);
  return connection ? connection->closeError : 0;
}

void Loop::noteSeen(Connection& connection, int unread) {
  connection.staleBytes = unread < 0 ? 0 : static_cast<uint32_t>(unread);
  connection.looked = true;
}

int Loop::ignored(int32_t handle) {
  Connection* connection = table_.find(handle);
  if (!connection || !connection->registered) return -EBADF;
  if (!connection->readPending || connection->edgeWait) return 0;
  if (connection->kind == SocketKind::Datagram) {
    connection->readPending = false;
    connection->edgeWait = !connection->looked;  // the next one to arrive is news
    if (connection->looked) list(*connection);
    return 0;
  }
  // Only more bytes than the application has seen (by RcvdCount or PeekData, else: than there are
  // now) are news.
  if (!connection->looked) noteSeen(*connection, sys::unreadBytes(connection->fd));
  connection->edgeWait = true;
  if (sys::unreadBytes(connection->fd) > static_cast<int>(connection->staleBytes))
    list(*connection);
  return 0;
}

// The end of a socket was told and nobody closed it yet: it must not be reported again. Hang-up and
// failure cannot be masked, so the socket leaves the poller for good.
void Loop::quiet(Connection& connection, uint8_t flags) {
  if (flags & (kHangUp | kFailed)) {
    stayOutside(connection);
    return;
  }
  setInterest(connection, wantedInterest(connection));
}

uint8_t Loop::wantedInterest(const Connection& connection) const {
  uint8_t interest = kWantEdge;
  if (connection.kind == SocketKind::Connecting) return interest | kWantWrite;
  if (connection.kind == SocketKind::Datagram)
    return connection.paused ? interest : interest | kWantRead;
  if (!connection.paused && !connection.closeReported) interest |= kWantRead;
  if (!connection.urgent) interest |= kWantUrgent;
  if (connection.writeWanted) interest |= kWantWrite;
  return interest;
}

void Loop::setInterest(Connection& connection, uint8_t interest) {
  if (connection.suspended || connection.lost) return;
  if (!connection.registered) {
    if (isForeign(connection)) {
      connection.lost = true;
      return;
    }
    const int added = poller_->add(connection.fd, interest, connection.handle);
    connection.registered = added == 0;
    if (added < 0) broke(connection, -added);
  } else if (interest != connection.interest) {
    poller_->change(connection.fd, interest, connection.handle);
  }
  connection.interest = interest;
}

void Loop::touched(Connection& connection) {
  connection.readPending = false;
  if (connection.kind == SocketKind::Listening) {
    if (!connection.paused) setInterest(connection, kWantRead);
  } else {
    connection.edgeWait = false;
  }
}

// Owns a descriptor that was just opened; nullptr: there is no memory for that, and it is closed.
Connection* Loop::take(int fd, SocketKind kind) {
  Connection* connection = table_.allocate();
  if (!connection || !table_.own(fd, *connection)) {
    if (connection) table_.release(*connection);
    sys::closeFd(fd);
    return nullptr;
  }
  connection->fd = fd;
  connection->kind = kind;
  return connection;
}

int Loop::adopt(int fd) {
  Connection* connection = table_.ownerOf(fd);
  const bool foreign = !connection;
  if (connection && connection->kind != SocketKind::Accepted) return -EINVAL;
  if (foreign) {
    const int type = sys::socketType(fd);
    if (type < 0) return type;
    connection = table_.allocate();
    if (!connection) return -ENOMEM;
    connection->fd = fd;
    if (type == SOCK_DGRAM) connection->datagram.reset(new (std::nothrow) DatagramState());
    const bool complete = type != SOCK_DGRAM || connection->datagram;
    if (!complete || !table_.own(fd, *connection)) {
      table_.release(*connection);
      return -ENOMEM;
    }
    sys::makeNonBlocking(fd);
    sys::peerAddress(fd, connection->peer);
  }
  connection->interest = wantedInterest(*connection);
  const int added = poller_->add(fd, connection->interest, connection->handle);
  if (added < 0) {
    if (foreign) {
      table_.disown(fd);
      table_.release(*connection);
    }
    return added;
  }
  connection->kind = connection->datagram ? SocketKind::Datagram : SocketKind::Connected;
  connection->registered = true;
  info_.count = connection->datagram ? 1 : 0;
  return connection->handle;
}

int Loop::close(int32_t handle, CloseHow how) {
  Connection* connection = table_.find(handle);
  if (!connection) return -EBADF;
  const bool open = connection->kind == SocketKind::Connected;
  if (open && how == CloseHow::Graceful && !connection->output.empty() &&
      !connection->writeWanted) {
    connection->suspended = true;  // nothing below asks the poller for it again
    if (leavePoller(*connection)) flushQueue(*connection);
  }
  info_.queued = static_cast<int32_t>(connection->output.size());
  totals_ = {static_cast<double>(connection->readCount),
             static_cast<double>(connection->writeCount)};
  releaseSocket(*connection, how);
  ++counters_.closed;
  return 0;
}

bool isForeign(const Connection& connection) {
  return connection.fileId != 0 && sys::fileId(connection.fd) != connection.fileId;
}

void closeDescriptor(const Connection& connection, CloseHow how) {
  const int fd = connection.fd;
  if (connection.kind == SocketKind::Connected) {
    if (how == CloseHow::Reset) {
      sys::setLinger(fd, true, 0);
    } else if (!connection.sawEnd || connection.urgent) {
      // Unread input would turn the FIN into a reset that can destroy the reply on its way.
      size_t thrown = 0;
      while (thrown < Loop::kDiscardLimit) {
        const ssize_t n = sys::discard(fd, Loop::kScratch);
        if (n <= 0) break;
        thrown += static_cast<size_t>(n);
      }
    }
  }
  sys::closeFd(fd);
}

// The one way out: leaves the poller before the descriptor is closed, closes it exactly once, and
// never a descriptor whose number has gone to somebody else.
void Loop::releaseSocket(Connection& connection, CloseHow how) {
  const int fd = connection.fd;
  if (leavePoller(connection)) closeDescriptor(connection, how);
  if (table_.ownerOf(fd) == &connection) table_.disown(fd);
  connection.input.clear(pool_);
  connection.output.clear();
  table_.release(connection);
}

int Loop::shutdown(int32_t handle, int how) {
  Connection* connection = table_.find(handle);
  if (!connection || connection->lost) return -EBADF;
  if (how != 0 && !connection->output.empty()) {
    if (!connection->writeWanted) {
      const int error = flushQueue(*connection);
      if (error < 0) return error;
    }
    if (!connection->output.empty()) {  // the FIN goes out behind the queue
      connection->finPending = true;
      return how == 2 ? sys::shutdownSocket(connection->fd, 0) : 0;
    }
  }
  return sys::shutdownSocket(connection->fd, how);
}

int Loop::pause(int32_t handle, bool on) {
  Connection* connection = table_.find(handle);
  if (!connection) return -EBADF;
  const bool resumed = connection->paused && !on;
  connection->paused = on;
  if (!on) {  // whatever waits is reported again
    connection->readPending = false;
    connection->edgeWait = false;
    connection->drained = false;
    if (!connection->errorReported) {
      connection->closeReported = false;
      if (resumed && connection->kind == SocketKind::Connected) queue_.withdrawEnd(handle);
    }
  }
  if (connection->kind == SocketKind::Bound) return 0;  // listen() looks at the flag
  const bool listening = connection->kind == SocketKind::Listening;
  setInterest(*connection, listening ? (on ? 0 : kWantRead) : wantedInterest(*connection));
  if (connection->lost) return -EBADF;
  return connection->registered || connection->suspended ? 0 : -ENOMEM;
}

int Loop::suspend(int32_t handle, bool on) {
  Connection* connection = table_.find(handle);
  if (!connection || connection->lost) return -EBADF;
  if (on) {
    connection->suspended = true;
    queue_.withdrawEnd(handle);  // resuming tells it again
    return stayOutside(*connection) ? 0 : -EBADF;
  }
  connection->suspended = false;
  // They may have been told while nobody listened.
  connection->closeReported = connection->errorReported = false;
  const bool broken = connection->broken;
  const int closeError = connection->closeError;
  if (broken) list(*connection);
  const int added = pause(handle, connection->paused);
  if (added < 0) {  // it stays outside, as it was
    connection->suspended = true;
    connection->broken = broken;
    connection->closeError = closeError;
  }
  return added;
}

// The poller knows the file behind a number: one it does not have was closed by somebody else, and
// the number may be another file by now. False: it is not ours any more.
bool Loop::leavePoller(Connection& connection) {
  if (connection.lost) return false;
  connection.lost =
      connection.registered ? poller_->remove(connection.fd) < 0 : isForeign(connection);
  connection.registered = false;
  return !connection.lost;
}

// Out of the poller and still open: from now on only the file's identity tells whether the number
// is still ours.
bool Loop::stayOutside(Connection& connection) {
  if (!leavePoller(connection)) return false;
  connection.fileId = sys::fileId(connection.fd);
  return true;
}

int Loop::descriptorOf(int32_t handle) {
  Connection* connection = table_.find(handle);
  return connection ? connection->fd : -EBADF;
}

int Loop::totals(int32_t handle) {
  Connection* connection = table_.find(handle);
  if (!connection) return -EBADF;
  totals_ = {static_cast<double>(connection->readCount),
             static_cast<double>(connection->writeCount)};
  return 0;
}

void Loop::noteBlock(Connection& connection) {
  if (connection.input.holdsBlock() && blockHolders_.size() < blockHolders_.capacity())
    blockHolders_.push_back(connection.handle);
}

void Loop::settleBlocks() {
  for (const int32_t handle : blockHolders_)
    if (Connection* connection = table_.find(handle)) connection->input.settle(pool_);
  blockHolders_.clear();
}

}  // namespace ics
