// Loop: the input of a connection. Bytes are pulled: they stay in the kernel until the application
// asks, except in line mode, where whole lines must be found first.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "lineEditor.h"
#include "loop.h"
#include "sys.h"

namespace ics {
namespace {

constexpr std::string_view kCrLf("\r\n", 2);
constexpr size_t kTextLimit = 8 * 1024 * 1024;  // bytes one takeText() reads at most

bool isAscii(const uint8_t* data, size_t size) {
  uint64_t seen[4] = {};
  for (; size >= sizeof(seen); data += sizeof(seen), size -= sizeof(seen)) {
    uint64_t words[4];
    std::memcpy(words, data, sizeof(words));
    for (int i = 0; i < 4; ++i) seen[i] |= words[i];
  }
  while (size > 0) seen[0] |= data[--size];
  return ((seen[0] | seen[1] | seen[2] | seen[3]) & 0x8080808080808080ULL) == 0;
}

// Bytes at the end that begin a UTF-8 sequence which is not complete yet: 0 to 3.
uint8_t incompleteTail(const uint8_t* data, size_t size) {
  const size_t reach = std::min<size_t>(size, 3);
  for (size_t back = 1; back <= reach; ++back) {
    const uint8_t byte = data[size - back];
    if ((byte & 0xC0) == 0x80) continue;  // a continuation byte: look further
    size_t length = 1;
    if (byte >= 0xC2 && byte <= 0xDF) length = 2;
    if (byte >= 0xE0 && byte <= 0xEF) length = 3;
    if (byte >= 0xF0 && byte <= 0xF4) length = 4;
    return static_cast<uint8_t>(length > back ? back : 0);
  }
  return 0;
}

// Nothing more can be had from the kernel right now.
bool isDrained(const Connection& connection) { return connection.filtered || connection.drained; }

}  // namespace

std::string_view Loop::lineEndOf(const Connection& connection) const {
  return connection.lineEnd ? std::string_view(*connection.lineEnd) : kCrLf;
}

// Bytes for the application. With a filter they come by pushInput() only.
ssize_t Loop::readKernel(Connection& connection, uint8_t* to, size_t size) {
  if (connection.filtered) return connection.lost ? -EBADF : -EAGAIN;
  return readSocket(connection, to, size);
}

ssize_t Loop::readSocket(Connection& connection, uint8_t* to, size_t size) {
  if (connection.lost) return -EBADF;
  size = mayRead(connection, size);
  if (size == 0) {
    touched(connection);  // setAllowance() reports what waits
    return -EAGAIN;
  }
  const ssize_t got = sys::receive(connection.fd, to, size);
  // A socket that cannot be read at all (a listening one, say) must not be reported for ever.
  if (got >= 0 || got == -EAGAIN) touched(connection);
  if (got > 0) {
    connection.readCount += static_cast<uint64_t>(got);
    counters_.bytesIn += static_cast<uint64_t>(got);
    if (!connection.closeReported) spend(connection, static_cast<size_t>(got));
    connection.drained = static_cast<size_t>(got) < size;
    if (!connection.drained || connection.urgent) list(connection);
    return got;
  }
  connection.drained = true;
  if (got == 0) connection.sawEnd = true;
  if (got < 0 && got != -EAGAIN) broke(connection, static_cast<int>(-got));
  return got;
}

// How many of `wanted` bytes the allowance lets through. Once the peer's end was told, what it has
// left behind is delivered at once, as in ICS: the session ends behind it.
size_t Loop::mayRead(const Connection& connection, size_t wanted) const {
  if (connection.allowance < 0 || connection.closeReported) return wanted;
  return std::min(wanted, static_cast<size_t>(connection.allowance));
}

void Loop::spend(Connection& connection, size_t bytes) {
  if (connection.allowance >= 0)
    connection.allowance -= static_cast<int32_t>(std::min<size_t>(bytes, connection.allowance));
}

ssize_t Loop::receive(int32_t handle, uint8_t* to, size_t size, int flags) {
  Connection* connection = table_.find(handle);
  if (connection && connection->kind == SocketKind::Datagram) {
    info_.more = 0;
    return receiveDatagram(*connection, to, size, flags);
  }
  if (!connection || connection->kind != SocketKind::Connected) return -EBADF;
  Connection& from = *connection;
  info_.more = 0;
  if (flags & kLine && from.lineLeft == 0) return -EAGAIN;

  if (!from.input.empty()) {
    const size_t there = flags & kLine ? from.lineLeft : from.input.size();
    const size_t taken = std::min(there, size);
    std::memcpy(to, from.input.data(), taken);
    if (!(flags & kPeek)) {
      consumeInput(from, taken);
      from.heldBack = 0;
      if (flags & kLine) from.lineLeft -= static_cast<uint32_t>(taken);
      from.scanner.reset();
    }
    noteMore(from);
    return static_cast<ssize_t>(taken);
  }
  if (flags & kPeek && !from.filtered) {
    size = mayRead(from, size);
    if (size == 0) return -EAGAIN;
    const ssize_t seen = from.lost ? -EBADF : sys::peek(from.fd, to, size);
    if (seen == static_cast<ssize_t>(size)) noteSeen(from, sys::unreadBytes(from.fd));
    // What arrives behind the look is news, even before the handler returns.
    else if (seen > 0)
      noteSeen(from, static_cast<int>(seen));
    if (seen == -EAGAIN) touched(from);
    if (seen < 0 && seen != -EAGAIN) broke(from, static_cast<int>(-seen));
    return seen;
  }
  const ssize_t got = readKernel(from, to, size);
  noteMore(from);
  return got;
}

// An emptied buffer gives its block back at once: a turn with many connections needs only one.
// Reading it is a receive call, also for what the kernel holds and has told of while it was unread:
// the report is re-armed, or nobody would come back for those bytes, nor for any behind them.
void Loop::consumeInput(Connection& connection, size_t count) {
  connection.input.consume(count);
  if (!connection.input.empty()) return;
  connection.input.settle(pool_);
  if (!connection.readPending && !connection.edgeWait) return;
  touched(connection);
  if (!connection.drained || connection.urgent) list(connection);
}

void Loop::noteMore(const Connection& connection) {
  const bool rest = connection.input.size() > connection.heldBack + connection.lineLeft;
  info_.more = (rest || !isDrained(connection) ? kMoreInput : 0) +
               (connection.lineLeft > 0 ? kMoreOfLine : 0);
}

int Loop::takeText(int32_t handle, int flags, TextView& text) {
  Connection* connection = table_.find(handle);
  info_.more = 0;
  text = TextView();
  if (connection && connection->kind == SocketKind::Datagram)
    return datagramText(*connection, text);
  if (!connection || connection->kind != SocketKind::Connected) return -EBADF;
  if (flags & kLine) {
    if (connection->lineLeft == 0) return -EAGAIN;
    text.data = connection->input.data();
    text.size = connection->lineLeft;
    text.buffered = true;
    text.ascii = isAscii(text.data, text.size);
    return 1;
  }
  const int got = rawText(*connection, text);
  if (got <= 0) return got;
  text.ascii = isAscii(text.data, text.size);
  if (!text.ascii && !(flags & kBytes) && !connection->finishing) {
    text.tail = incompleteTail(text.data, text.size);
    text.size -= text.tail;
  }
  return 1;
}

// What has arrived: usually one read into the scratch block, without touching the connection's
// buffer; through the buffer when it already holds something or one block was not enough.
int Loop::rawText(Connection& connection, TextView& text) {
  if (connection.input.empty()) {
    const ssize_t got = readKernel(connection, scratch_.get(), kScratch);
    if (got <= 0) return static_cast<int>(got);
    const size_t size = static_cast<size_t>(got);
    // Without memory for more, that is the text.
    if (connection.drained || !connection.input.append(scratch_.get(), size, pool_)) {
      text.data = scratch_.get();
      text.size = size;
      return 1;
    }
  }
  const int grown = growText(connection);
  if (grown < 0) return grown;
  text.data = connection.input.data();
  text.size = connection.input.size();
  text.buffered = true;
  noteBlock(connection);
  return 1;
}

int Loop::growText(Connection& connection) {
  if (isDrained(connection)) {
    if (connection.heldBack == 0 || connection.filtered) return 0;
  }
  const size_t most = mayRead(connection, kTextLimit);
  if (most == 0) return 0;
  const int unread = connection.lost ? 0 : sys::unreadBytes(connection.fd);
  if (unread <= 0) {
    connection.drained = true;
    touched(connection);
    if (connection.urgent) list(connection);
    return 0;
  }
  size_t room = 0;
  const size_t wanted = std::min(static_cast<size_t>(unread), most);
  uint8_t* to = connection.input.prepare(wanted, pool_, room);
  if (!to) return -ENOMEM;
  const ssize_t got = readKernel(connection, to, std::min(room, kTextLimit));
  if (got > 0) connection.input.commit(static_cast<size_t>(got));
  return 0;
}

void Loop::dropText(int32_t handle, const TextView& text) {
  Connection* connection = table_.find(handle);
  if (!connection) return;
  if (connection->datagram) {
    dropDatagram(*connection);
    return;
  }
  connection->heldBack = text.tail;
  if (text.buffered) {
    consumeInput(*connection, text.size);
    connection->scanner.reset();
    if (connection->lineLeft > 0) connection->lineLeft -= static_cast<uint32_t>(text.size);
  } else if (text.tail > 0) {
    if (!connection->input.append(text.data + text.size, text.tail, pool_)) {
      connection->heldBack = 0;
      broke(*connection, ENOMEM);  // they are lost
    }
    noteBlock(*connection);
  }
  noteMore(*connection);
}

int Loop::available(int32_t handle, int flags) {
  Connection* connection = table_.find(handle);
  if (connection && connection->kind == SocketKind::Datagram) {
    const int held = holdDatagram(*connection);
    if (held == -EAGAIN) return 0;
    return held < 0 ? held : static_cast<int>(connection->datagram->size);
  }
  if (!connection || connection->kind != SocketKind::Connected) return -EBADF;
  if (flags & kLine) return static_cast<int>(connection->lineLeft);
  if (connection->filtered) return static_cast<int>(connection->input.size());
  const int unread = connection->lost ? -EBADF : sys::unreadBytes(connection->fd);
  if (unread < 0 && connection->input.empty()) return unread;
  connection->staleBytes = static_cast<uint32_t>(std::max(unread, 0));
  connection->looked = true;
  const size_t readable = mayRead(*connection, static_cast<size_t>(std::max(unread, 0)));
  return static_cast<int>(connection->input.size() + readable);
}

int Loop::more(int32_t handle) {
  Connection* connection = table_.find(handle);
  if (connection && connection->kind == SocketKind::Datagram)
    return (connection->datagram->held || !connection->drained) && holdDatagram(*connection) > 0;
  if (!connection || connection->kind != SocketKind::Connected) return 0;
  if (connection->input.size() > connection->heldBack) return 1;
  if (connection->filtered || mayRead(*connection, 1) == 0) return 0;
  if (connection->drained && !connection->urgent) return 0;
  return kernelHasInput(*connection) ? 1 : 0;
}

int Loop::buffered(int32_t handle) {
  Connection* connection = table_.find(handle);
  if (connection && connection->kind == SocketKind::Datagram) return connection->datagram->held;
  return connection && connection->input.size() > connection->heldBack ? 1 : 0;
}

int Loop::nextLine(int32_t handle, size_t limit, int flags) {
  Connection* connection = table_.find(handle);
  if (!connection || connection->kind != SocketKind::Connected) return -EBADF;
  Connection& from = *connection;
  info_.more = 0;
  echo_.clear();
  if (from.lineLeft > 0) return static_cast<int>(from.lineLeft);
  from.heldBack = 0;
  bool news = false;  // there are bytes in which no line end was looked for before
  for (int fills = 0;; ++fills) {
    if (!from.input.empty()) {
      news = news || from.scanner.scanned() < from.input.size();
      const size_t line = from.scanner.find(from.input.data(), from.input.size(), lineEndOf(from));
      if (line > 0) {
        from.lineLeft = static_cast<uint32_t>(line);
        noteMore(from);
        return static_cast<int>(line);
      }
      // A rest behind other lines counts as well, but its end may still be in the kernel.
      if (news && (fills > 0 || isDrained(from)) && overLimit(from, limit)) return -EMSGSIZE;
    }
    if (isDrained(from) && !(from.urgent && kernelHasInput(from))) return 0;
    if (fills == kFillsPerCall) {
      info_.more = kMoreInput;
      return 0;
    }
    const ssize_t got = fill(from, flags);
    if (got == -EAGAIN) return news && overLimit(from, limit) ? -EMSGSIZE : 0;
    if (got <= 0) return static_cast<int>(got);
  }
}

bool Loop::overLimit(const Connection& connection, size_t limit) {
  if (limit == 0 || connection.input.size() <= limit) return false;
  info_.count = static_cast<int32_t>(connection.input.size());
  info_.more = isDrained(connection) ? 0 : kMoreInput;
  return true;
}

ssize_t Loop::fill(Connection& connection, int flags) {
  try {
    if (flags & kEdit) {
      const ssize_t got = readKernel(connection, scratch_.get(), kScratch);
      if (got <= 0) return got;
      connection.scanner.reset();  // editing may have shortened what was scanned
      const bool edited = editLine(connection.input, pool_, lineEndOf(connection), scratch_.get(),
                                   static_cast<size_t>(got), flags & kEcho ? &echo_ : nullptr);
      noteBlock(connection);
      if (!edited) broke(connection, ENOMEM);  // some of it is lost
      return edited ? got : -ENOMEM;
    }
    size_t room = 0;
    uint8_t* to = connection.input.prepare(4096, pool_, room);
    if (!to) return -ENOMEM;
    const ssize_t got = readKernel(connection, to, std::min(room, BlockPool::kBlockSize));
    if (got <= 0 && connection.input.empty()) connection.input.settle(pool_);
    if (got > 0) {
      connection.input.commit(static_cast<size_t>(got));
      if (flags & kEcho) echo_.append(reinterpret_cast<char*>(to), static_cast<size_t>(got));
    }
    noteBlock(connection);
    return got;
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
}

int Loop::takeLines(int32_t handle, size_t limit, TextView& text) {
  Connection* connection = table_.find(handle);
  const bool current = connection && connection->lineLeft > 0;  // begun, or a rest without end
  const int first = nextLine(handle, limit, 0);
  if (first <= 0 || current) return first;
  Connection& from = *connection;
  const uint8_t* data = from.input.data();
  const size_t window = std::min(from.input.size(), kLineBatch);
  size_t total = static_cast<size_t>(first);
  if (total > window) return first;
  int32_t count = 0;
  LineScanner scanner;
  for (size_t line = total;; scanner.reset()) {
    stops_[count++] = static_cast<int32_t>(total);
    line = scanner.find(data + total, window - total, lineEndOf(from));
    if (line == 0) break;
    total += line;
  }
  if (!isAscii(data, total)) return first;
  from.lineLeft = 0;  // the caller walks the lines; takenLines() tells how far it came
  text.data = data;
  text.size = total;
  text.ascii = true;
  info_.more = from.input.size() > total || !isDrained(from) ? kMoreInput : 0;
  info_.count = count;
  return static_cast<int>(total);
}

int Loop::takenLines(int32_t handle, size_t count, size_t current) {
  Connection* connection = table_.find(handle);
  if (!connection || count + current > connection->input.size()) return -EINVAL;
  consumeInput(*connection, count);
  connection->lineLeft = static_cast<uint32_t>(current);
  connection->scanner.reset();
  noteMore(*connection);
  return 0;
}

int Loop::setFilter(int32_t handle, bool on) {
  Connection* connection = table_.find(handle);
  if (!connection || connection->kind != SocketKind::Connected) return -EBADF;
  const int discarded = on ? static_cast<int>(connection->input.size()) : 0;
  if (on) clearInput(handle);
  connection->filtered = on;
  return discarded;
}

ssize_t Loop::receiveRaw(int32_t handle, uint8_t* to, size_t size) {
  Connection* connection = table_.find(handle);
  if (!connection || connection->kind != SocketKind::Connected) return -EBADF;
  const ssize_t got = readSocket(*connection, to, size);
  info_.more = connection->drained ? 0 : kMoreInput;
  return got;
}

int Loop::pushInput(int32_t handle, const uint8_t* from, size_t size, int flags) {
  Connection* connection = table_.find(handle);
  if (!connection || !connection->filtered) return -EBADF;
  echo_.clear();
  try {
    std::string* const echo = flags & kEcho ? &echo_ : nullptr;
    if (flags & kEdit) {
      connection->scanner.reset();  // editing may shorten what was scanned
      if (!editLine(connection->input, pool_, lineEndOf(*connection), from, size, echo,
                    connection->lineLeft))
        return -ENOMEM;
    } else {
      if (!connection->input.append(from, size, pool_)) return -ENOMEM;
      if (echo) echo->append(reinterpret_cast<const char*>(from), size);
    }
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
  noteBlock(*connection);
  return static_cast<int>(connection->input.size());
}

int Loop::finishInput(int32_t handle, int flags) {
  Connection* connection = table_.find(handle);
  if (!connection || connection->kind != SocketKind::Connected) return 0;
  connection->finishing = true;
  connection->drained = true;
  connection->heldBack = 0;
  const size_t size = connection->input.size();
  if (flags & kLine && connection->lineLeft == 0 && size > 0) {
    const std::string_view lineEnd = lineEndOf(*connection);
    const size_t line = connection->scanner.find(connection->input.data(), size, lineEnd);
    connection->lineLeft = static_cast<uint32_t>(line > 0 ? line : size);
  }
  return static_cast<int>(size);
}

int Loop::leaveLine(int32_t handle) {
  Connection* connection = table_.find(handle);
  if (!connection) return -EBADF;
  connection->lineLeft = 0;
  connection->scanner.reset();
  return static_cast<int>(connection->input.size());
}

int Loop::clearInput(int32_t handle) {
  Connection* connection = table_.find(handle);
  if (!connection) return -EBADF;
  connection->lineLeft = 0;
  connection->heldBack = 0;
  connection->scanner.reset();
  connection->input.clear(pool_);
  return 0;
}

int Loop::setLineEnd(int32_t handle, std::string_view lineEnd) {
  Connection* connection = table_.find(handle);
  if (!connection) return -EBADF;
  try {
    if (lineEnd == kCrLf) {
      connection->lineEnd.reset();
    } else {
      connection->lineEnd = std::make_unique<std::string>(lineEnd);
    }
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
  connection->scanner.reset();
  return 0;
}

}  // namespace ics
