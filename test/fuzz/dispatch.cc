// Application: what it does when an event is told, as lib/socket does it.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "application.h"

namespace ics::fuzz {
namespace {

constexpr int kRounds = 64;
constexpr size_t kNoLimit = size_t{1} << 30;

}  // namespace

// One turn of a loop: what is queued, and what the sockets have posted to themselves. False:
// nothing was there.
bool Application::pump(int loop) {
  Reactor& reactor = reactors_[loop];
  bool busy = reactor.loop->poll(0) > 0;
  const bool all = settling_ || in_.flag();
  do {
    if (reactor.words[0] >= reactor.words[1]) break;
    const int32_t* event = &reactor.words[static_cast<size_t>(reactor.words[0])];
    reactor.words[0] += EventQueue::kFields;
    dispatch(loop, event[0], event[1], event[2]);
    verifyAll();
  } while (all);
  if (!settling_) return busy;
  for (size_t i = 0; i < sockets_.size(); ++i) {
    Socket& socket = *sockets_[i];
    if (socket.loop != loop || socket.handle == 0) continue;
    if (socket.retry) {
      flush(socket);
      busy = busy || socket.file->accepted == socket.sent.size();
    }
    if (!socket.resumeInput) continue;
    socket.resumeInput = false;
    busy = true;
    if (socket.filtered || reactor.loop->more(socket.handle) != 0) deliver(socket, false);
  }
  return busy || reactor.loop->hasListed();
}

void Application::dispatch(int loop, int32_t handle, int32_t bits, int32_t error) {
  Socket* socket = byHandle(loop, handle);
  note("event: file %d bits %d error %d", socket ? socket->file->id : -1, bits, error);
  if (!socket) return;  // too late: it is closed or has moved
  if (bits & kFdConnect) return onConnect(*socket, error);
  if (socket->suspended) return;
  if (bits & kFdRead) {
    MUST(!socket->listener);
    deliver(*socket, false);
  }
  if (bits & kFdWrite && isAlive(socket, handle)) flush(*socket);
  if (bits & kFdAccept && isAlive(socket, handle) && !socket->paused && socket->pending == 0) {
    MUST(socket->listener);
    for (int budget = settling_ ? 256 : 1 + static_cast<int>(in_.pick(3)); budget > 0; --budget) {
      const size_t before = socket->file->backlog.size();
      acceptOne(*socket);
      if (before == 0 || socket->pending > 0) break;
    }
  }
  if (bits & kFdClose && isAlive(socket, handle) && !socket->suspended) onClose(*socket, error);
}

void Application::onConnect(Socket& socket, int error) {
  MUST(!socket.connected && !socket.listener && !socket.datagram);
  if (error != 0) return close(socket, CloseHow::Graceful);
  socket.connected = true;
  flush(socket);
}

void Application::onClose(Socket& socket, int error) {
  const int32_t handle = socket.handle;
  if (socket.listener) return close(socket, CloseHow::Graceful);
  MUST(!socket.ended || (error != 0 && socket.endError == 0));
  socket.ended = true;
  socket.endError = error;
  deliverAll(socket);
  if (!isAlive(&socket, handle)) return;
  if (socket.paused || socket.suspended) return;
  if (loopOf(socket).finishInput(handle, socket.line ? kLine : 0) > 0) deliver(socket, true);
  if (!isAlive(&socket, handle)) return;
  const Connection* connection = loopOf(socket).find(handle);
  if (!connection->input.empty() || socket.file->unread() > 0) socket.gaveUp = true;
  if (settling_ || socket.lost) return;
  if (error != 0 || in_.flag()) close(socket, CloseHow::Graceful);
}

void Application::deliverAll(Socket& socket) {
  const int32_t handle = socket.handle;
  socket.received = true;
  for (int rounds = 0; isAlive(&socket, handle) && socket.received; ++rounds) {
    MUST(rounds < 100000);
    if (socket.paused || socket.suspended) return;
    if (!socket.filtered && loopOf(socket).more(handle) == 0) return;
    socket.received = false;
    deliver(socket, true);
  }
}

void Application::deliver(Socket& socket, bool ending) {
  const int32_t handle = socket.handle;
  if (socket.filtered && !pullInput(socket)) return;
  if (!isAlive(&socket, handle) || socket.paused || socket.suspended) return;
  if (socket.datagram) return deliverDatagrams(socket);
  for (int rounds = 0;; ++rounds) {
    MUST(rounds < 100000);
    const bool line = socket.line;
    if (line)
      deliverLines(socket);
    else
      deliverRaw(socket, ending);
    if (!isAlive(&socket, handle) || socket.line == line) return;
    const bool mayGoOn = socket.received && (socket.more & kMoreInput) && !socket.paused;
    if (!mayGoOn && !(ending && socket.received)) return;
    if (loopOf(socket).more(handle) == 0) return;
  }
}

void Application::deliverRaw(Socket& socket, bool ending) {
  const int32_t handle = socket.handle;
  for (int round = 0; round < kRounds || ending; ++round) {
    const bool well = handler(socket);
    if (!isAlive(&socket, handle)) return;
    if (!well || socket.line || !socket.received || socket.paused || socket.suspended) break;
    if (!(socket.more & kMoreInput) || loopOf(socket).more(handle) == 0) break;
    if (!ending && !settling_ && in_.pick(8) == 0) break;
  }
  if (socket.received)
    leave(socket);
  else
    loopOf(socket).ignored(handle);
}

void Application::deliverLines(Socket& socket) {
  const int32_t handle = socket.handle;
  Loop& loop = loopOf(socket);
  for (int lines = 0;; ++lines) {
    MUST(lines < 1000000);
    const int mode = settling_ ? 0 : static_cast<int>(in_.pick(16) == 0 ? in_.pick(4) : 0);
    if (mode & kEdit) socket.edited = true;
    const size_t limit = !settling_ && in_.pick(4) == 0 ? in_.size() : kNoLimit;
    const bool batch = mode == 0 && (settling_ || in_.flag());
    TextView text;
    const int found =
        batch ? loop.takeLines(handle, limit, text) : loop.nextLine(handle, limit, mode);
    const int more = reactorOf(socket).info().more & kMoreInput;
    note("lines: file %d found %d more %d", socket.file->id, found, more);
    if (found == -EMSGSIZE) {
      MUST(static_cast<size_t>(reactorOf(socket).info().count) > limit);
      if (settling_ || in_.flag()) clear(socket);
      if (more) continue;
      return;
    }
    if (found <= 0) {
      if (found == 0 && more) socket.resumeInput = true;
      return;
    }
    const bool going = text.data ? readBatch(socket, text) : readLine(socket);
    if (!isAlive(&socket, handle)) return;
    if (!going) {
      if (!socket.received)
        loop.ignored(handle);
      else
        leave(socket);
      return;
    }
    if (!settling_ && in_.pick(16) == 0) {
      socket.resumeInput = true;
      return;
    }
  }
}

// All lines of the batch, or some of them and then the rest as the current line.
bool Application::readBatch(Socket& socket, const TextView& text) {
  const CallInfo& info = reactorOf(socket).info();
  const int32_t* stops = reactorOf(socket).stops.data();
  MUST(info.count > 0 && static_cast<size_t>(stops[info.count - 1]) == text.size);
  const int32_t lines = info.count;
  const int32_t read = settling_ || in_.flag() ? lines : static_cast<int32_t>(in_.byte()) % lines;
  const size_t end = read == 0 ? 0 : static_cast<size_t>(stops[read - 1]);
  const size_t current = read == lines ? 0 : static_cast<size_t>(stops[read]) - end;
  if (!socket.edited) compare(socket, text.data, text.size);
  socket.read += end;
  MUST(loopOf(socket).takenLines(socket.handle, end, current) == 0);
  socket.received = read > 0;
  socket.more = reactorOf(socket).info().more;
  return read == lines;
}

// Handlers until the current line is read. False: left, closed, paused or another mode.
bool Application::readLine(Socket& socket) {
  const int32_t handle = socket.handle;
  for (;;) {
    handler(socket);
    if (!isAlive(&socket, handle) || !socket.line) return false;
    if (!socket.received || socket.paused || socket.suspended) return false;
    if (loopOf(socket).available(handle, kLine) == 0) return true;
  }
}

void Application::deliverDatagrams(Socket& socket) {
  const int32_t handle = socket.handle;
  for (int round = 0; round < kRounds; ++round) {
    handler(socket);
    if (!isAlive(&socket, handle)) return;
    if (!socket.received || socket.paused || !(socket.more & kMoreInput)) break;
    if (loopOf(socket).more(handle) == 0) break;
  }
  if (!socket.received) loopOf(socket).ignored(handle);
}

// A filter that changes nothing: what the kernel has goes to the application in portions.
bool Application::pullInput(Socket& socket) {
  const int32_t handle = socket.handle;
  Loop& loop = loopOf(socket);
  for (int round = 0; round < 1000; ++round) {
    const size_t room = settling_ ? scratch_.size() : in_.size() + 1;
    const ssize_t got = loop.receiveRaw(handle, scratch_.data(), room);
    if (got <= 0) break;
    const size_t first = settling_ ? 0 : in_.pick(8) % static_cast<size_t>(got);
    MUST(loop.pushInput(handle, scratch_.data(), first, 0) >= 0);
    MUST(loop.pushInput(handle, scratch_.data() + first, static_cast<size_t>(got) - first, 0) > 0);
  }
  return loop.buffered(handle) != 0;
}

// OnDataAvailable. False: a call failed (LastError).
bool Application::handler(Socket& socket) {
  const int32_t handle = socket.handle;
  socket.received = false;
  socket.more = kMoreInput;
  if (settling_) return takeSome(socket);
  bool well = true;
  for (uint32_t left = in_.pick(4); left > 0 && isAlive(&socket, handle); --left) {
    if (in_.pick(4) == 0) {
      Socket* other = any();
      if (other->handle != 0 && !(other == &socket && socket.datagram)) act(*other);
    } else if (!socket.suspended && !socket.paused) {
      well = takeSome(socket) && well;
    }
  }
  return well;
}

// One reading call.
bool Application::takeSome(Socket& socket) {
  Loop& loop = loopOf(socket);
  const int flags = socket.line ? kLine : 0;
  if (socket.datagram) return takeDatagram(socket);
  if (!settling_ && in_.pick(3) == 0) return takeText(socket, flags | (in_.flag() ? kBytes : 0));
  const size_t size = settling_ ? scratch_.size() : in_.size() + 1;
  const ssize_t got = loop.receive(socket.handle, scratch_.data(), size, flags);
  note("receive: file %d flags %d size %zu got %zd", socket.file->id, flags, size, got);
  if (got <= 0) return got == 0;
  took(socket, scratch_.data(), static_cast<size_t>(got));
  return true;
}

const File::Letter& Application::nextLetter(const Socket& socket) const {
  MUST(socket.read < socket.file->allLetters.size());
  return socket.file->allLetters[socket.read];
}

bool Application::takeDatagram(Socket& socket) {
  Loop& loop = loopOf(socket);
  std::string text;
  Address sender;
  bool whole = true;
  if (!settling_ && in_.flag()) {
    TextView view;
    if (loop.takeText(socket.handle, 0, view) <= 0) return false;
    text.assign(reinterpret_cast<const char*>(view.data), view.size);
    sender.setPort(0);
    loop.dropText(socket.handle, view);
  } else {
    const size_t size = settling_ ? scratch_.size() : in_.size();
    const ssize_t got = loop.receiveFrom(socket.handle, scratch_.data(), size, 0, sender);
    note("datagram: file %d got %zd", socket.file->id, got);
    if (got < 0 && got != -EMSGSIZE) return false;
    whole = got >= 0;
    text.assign(reinterpret_cast<const char*>(scratch_.data()), whole ? got : size);
  }
  const File::Letter& letter = nextLetter(socket);
  note("datagram %zu: %zu bytes, got %zu, whole %d", socket.read, letter.text.size(), text.size(),
       int{whole});
  MUST(whole ? text == letter.text : letter.text.compare(0, text.size(), text) == 0);
  MUST(whole || letter.text.size() > text.size());
  MUST(sender.family() == AF_UNSPEC || sender.port() == letter.from);
  ++socket.read;
  socket.received = true;
  socket.more = reactorOf(socket).info().more;
  return whole;
}

bool Application::takeText(Socket& socket, int flags) {
  Loop& loop = loopOf(socket);
  TextView text;
  const int got = loop.takeText(socket.handle, flags, text);
  note("text: file %d flags %d got %d size %zu tail %d", socket.file->id, flags, got, text.size,
       text.tail);
  if (got <= 0) return got == 0;
  if (!socket.edited && !socket.lost) compare(socket, text.data, text.size + text.tail);
  const size_t size = text.size;
  loop.dropText(socket.handle, text);
  socket.read += size;
  socket.received = true;
  socket.more = reactorOf(socket).info().more;
  return true;
}

void Application::compare(const Socket& socket, const uint8_t* data, size_t size) const {
  if (socket.edited || socket.lost) return;
  MUST(size <= socket.file->given.size() - socket.read);
  MUST(size == 0 || std::memcmp(data, socket.file->given.data() + socket.read, size) == 0);
}

void Application::took(Socket& socket, const uint8_t* data, size_t size) {
  compare(socket, data, size);
  socket.read += size;
  socket.received = true;
  socket.more = reactorOf(socket).info().more;
}

// The end of a delivery, or of a read outside one: what the core holds is not told again.
void Application::leave(Socket& socket) {
  if (!socket.received || socket.paused || socket.datagram) return;
  if (!(socket.more & (kMoreInput | kMoreOfLine))) return;
  if (loopOf(socket).buffered(socket.handle) != 0) socket.resumeInput = true;
}

}  // namespace ics::fuzz
