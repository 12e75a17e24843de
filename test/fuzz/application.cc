#include "application.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "recvBuffer.h"
#include "sockopt.h"
#include "transfer.h"

namespace ics::fuzz {
namespace {

constexpr size_t kMaxSockets = 16;
constexpr size_t kMaxGiven = 300000;  // bytes the peers of one run send

// Made once: a run must cost little.
Reactor* reactors() {
  static Reactor* const both = new Reactor[Application::kLoops];
  return both;
}

std::vector<uint8_t>& scratch() {
  static auto* const only = new std::vector<uint8_t>(150000);
  return *only;
}

constexpr uint32_t kPatterns = 8;

// What peers send: a text that repeats itself, and one that has no period.
const std::string* patterns() {
  static const std::string* const all = [] {
    constexpr size_t kSize = 150000;
    const char* const pieces[] = {"a\r\n", "x", "aab", "\xe2\x82\xac", "\n", "\b\t", "\xff"};
    auto* const made = new std::string[kPatterns];
    for (size_t i = 0; i + 1 < kPatterns; ++i)
      while (made[i].size() < kSize) made[i] += pieces[i];
    uint32_t random = 1;
    while (made[kPatterns - 1].size() < kSize) {
      random = random * 1103515245 + 12345;
      made[kPatterns - 1] += static_cast<char>(random >> 16);
    }
    return made;
  }();
  return all;
}

const std::string_view kLineEnds[] = {"\r\n", "\n", "ab", "aab", "\r\n.\r\n", "\xff", "\n\n"};

}  // namespace

Application::Application(Input& input) : in_(input), reactors_(reactors()), scratch_(scratch()) {
  kernel_.reset();
  for (int i = 0; i < kLoops; ++i) {
    Reactor& reactor = reactors_[i];
    reactor.loop =
        std::make_unique<Loop>(reactor.words.data(), reactor.stops.data(), reactor.totals);
    MUST(reactor.loop->open() == 0);
  }
}

// Whatever is left is closed by the loops, once each, and nothing else is.
Application::~Application() {
  for (int i = 0; i < kLoops; ++i) reactors_[i].loop.reset();
  kernel_.now += uint64_t{1} << 40;
  ParkingLot::shared().expire();
  for (const auto& socket : sockets_)
    if (socket->parked > 0)
      if (const auto left = ParkingLot::shared().take(socket->parked).connection)
        closeParked(*left);
  MUST(ParkingLot::shared().count() == 0);
  MUST(kernel_.ownDescriptors() == 0);
}

Socket* Application::any() {
  if (sockets_.empty()) return nullptr;
  return sockets_[in_.pick(static_cast<uint32_t>(sockets_.size()))].get();
}

int Application::anyLoop() {
  const int loop = static_cast<int>(in_.pick(kLoops));
  return onlyLoop_ < 0 ? loop : onlyLoop_;
}

Socket* Application::byHandle(int loop, int32_t handle) {
  for (const auto& socket : sockets_)
    if (socket->loop == loop && socket->handle == handle) return socket.get();
  return nullptr;
}

bool Application::isAlive(const Socket* socket, int32_t handle) const {
  return socket->handle == handle && handle > 0;
}

Socket& Application::own(int loop, int32_t handle) {
  auto fresh = std::make_unique<Socket>();
  fresh->loop = loop;
  fresh->handle = handle;
  fresh->file = &kernel_.fileOf(reactors_[loop].loop->descriptorOf(handle));
  fresh->file->expected = &fresh->sent;
  sockets_.push_back(std::move(fresh));
  return *sockets_.back();
}

void Application::forget(Socket& socket) {
  socket.handle = 0;
  const auto found = std::find_if(sockets_.begin(), sockets_.end(),
                                  [&](const auto& one) { return one.get() == &socket; });
  gone_.push_back(std::move(*found));
  sockets_.erase(found);
}

// What the core knows of a connection is what the application and the kernel know.
void Application::verify(Socket& socket) {
  if (socket.handle == 0 || socket.lost) return;
  Connection* connection = loopOf(socket).find(socket.handle);
  MUST(connection != nullptr);
  if (connection->lost) return;
  const File& file = *socket.file;
  MUST(&kernel_.fileOf(connection->fd) == &file);
  MUST(connection->registered == (file.poller != nullptr));
  MUST(!connection->registered || connection->interest == file.interest);
  MUST(!connection->registered || file.handle == socket.handle);
  if (socket.datagram || socket.listener) return;
  if (!socket.edited && !socket.filtered)
    MUST(file.taken == socket.read + connection->input.size());
  MUST(connection->lineLeft <= connection->input.size());
  MUST(socket.sent.size() == file.accepted + connection->output.size());
  MUST(loopOf(socket).totals(socket.handle) == 0);
  MUST(reactorOf(socket).totals.read == static_cast<double>(file.taken));
  MUST(reactorOf(socket).totals.written == static_cast<double>(file.accepted));
}

void Application::verifyAll() {
  for (const auto& socket : sockets_)
    if (socket->handle != 0) verify(*socket);
}

void Application::step() {
  switch (in_.pick(16)) {
    case 0:
      if (sockets_.size() < kMaxSockets) listen();
      break;
    case 1:
      if (sockets_.size() < kMaxSockets) connect();
      break;
    case 2:
      if (sockets_.size() < kMaxSockets) openDatagrams();
      break;
    case 3:
    case 4:
    case 5:
    case 6:
      if (Socket* socket = any()) act(*socket);
      break;
    case 7:
    case 8:
    case 9:
    case 10:
    case 11:
      peer();
      break;
    case 12:
      kernel_.now += uint64_t{in_.byte()} * 50000;
      break;
    default:
      pump(static_cast<int>(in_.pick(kLoops)));
      break;
  }
  verifyAll();
}

void Application::listen() {
  const int loop = anyLoop();
  Loop& core = *reactors_[loop].loop;
  Address address;
  address.parse(in_.flag() ? "::1" : "127.0.0.1", 8000);
  const int32_t handle = core.bind(address, in_.flag());
  if (handle < 0) return;
  Socket& socket = own(loop, handle);
  socket.listener = true;
  if (in_.pick(8) == 0) pause(socket, true);
  if (core.listen(handle, 5) < 0) close(socket, CloseHow::Graceful);
}

void Application::connect() {
  const int loop = anyLoop();
  Loop& core = *reactors_[loop].loop;
  const int32_t handle = core.openSocket(AF_INET, false);
  if (handle < 0) return;
  Socket& socket = own(loop, handle);
  Address address;
  address.parse("192.0.2.9", 80);
  if (in_.pick(8) == 0) kernel_.fileOf(core.descriptorOf(handle)).local = address;  // itself
  if (core.connect(handle, address) < 0) close(socket, CloseHow::Graceful);
}

void Application::openDatagrams() {
  const int loop = anyLoop();
  Loop& core = *reactors_[loop].loop;
  const int32_t handle = core.openSocket(AF_INET, true);
  if (handle < 0) return;
  Socket& socket = own(loop, handle);
  socket.datagram = true;
  Address target;
  if (in_.flag()) target.parse("192.0.2.7", 53);
  if (core.startDatagrams(handle, target) < 0) close(socket, CloseHow::Graceful);
}

void Application::act(Socket& socket) {
  if (socket.parked > 0) return unpark(socket);
  const uint32_t what = in_.pick(24);
  note("act: file %d what %u", socket.file->id, what);
  switch (what) {
    case 0:
    case 1:
    case 2:
      return send(socket);
    case 3:
      return sendReserved(socket);
    case 4:
      return flush(socket);
    case 5:
      return pause(socket, !socket.paused);
    case 6:
      return suspend(socket, !socket.suspended);
    case 7:
      return lineMode(socket, !socket.line);
    case 8:
      return lineEnd(socket);
    case 9:
      return clear(socket);
    case 10:
      return filter(socket);
    case 11:
      return allow(socket, in_.flag() ? kUnlimited : static_cast<int32_t>(in_.size()));
    case 12:
      return shutdown(socket);
    case 13:
      return park(socket);
    case 14:
      return acceptOne(socket);
    case 15:
      if (in_.pick(4) == 0) closeBehind(socket);
      return;
    case 16:
      return close(socket, in_.flag() ? CloseHow::Reset : CloseHow::Graceful);
    case 17:
      return look(socket);
    case 18:
      if (socket.listener || socket.datagram || !socket.connected) return;
      loopOf(socket).dropOutput(socket.handle);
      if (!socket.lost) socket.sent.resize(socket.file->accepted);
      return;
    case 19:
    case 20: {  // outside an event
      if (socket.listener || !socket.connected || socket.suspended) return;
      takeSome(socket);
      if (socket.handle != 0) leave(socket);
      return;
    }
    case 21:
      loopOf(socket).lookup("name.test", AF_UNSPEC);
      return;
    default:
      if (socket.resumeInput) {
        socket.resumeInput = false;
        if (!socket.suspended && loopOf(socket).more(socket.handle) != 0) deliver(socket, false);
      } else if (socket.retry) {
        flush(socket);
      }
      return;
  }
}

void Application::send(Socket& socket) {
  if (socket.listener || socket.lost) return;
  if (socket.datagram) return sendDatagram(socket);
  const bool append = in_.flag();
  const std::string text(in_.size(), static_cast<char>('a' + in_.pick(26)));
  const size_t before = socket.sent.size();
  socket.sent += text;
  const int result = loopOf(socket).send(socket.handle, bytesOf(text), text.size(), append);
  if (result < 0 && socket.file->accepted <= before) {
    const Connection* connection = loopOf(socket).find(socket.handle);
    socket.sent.resize(socket.file->accepted + connection->output.size());
    if (socket.connected && result != -EBADF) socket.drops = true;
    return;
  }
  MUST(result >= 0);
  const CallInfo& info = reactorOf(socket).info();
  MUST(info.queued == static_cast<int32_t>(socket.sent.size() - socket.file->accepted));
  MUST(info.written <= static_cast<int32_t>(socket.sent.size()));
  socket.retry = socket.retry || info.retry != 0 || append;
}

void Application::sendReserved(Socket& socket) {
  if (socket.listener || socket.datagram || socket.lost) return;
  Loop& loop = loopOf(socket);
  const size_t wanted = in_.size();
  const OutputRoom room =
      in_.flag() ? loop.reserve(socket.handle, wanted) : loop.spare(socket.handle);
  if (!room) return;
  const size_t used = in_.flag() ? room.size : room.size / 2;
  const std::string text(used, static_cast<char>('A' + in_.pick(26)));
  std::memcpy(room.at, text.data(), used);
  socket.sent += text;
  const bool append = in_.flag();
  const int result = loop.commit(room, used, append);
  if (result < 0) {
    const Connection* connection = loop.find(socket.handle);
    MUST(socket.sent.size() == socket.file->accepted + connection->output.size());
  }
  socket.retry = socket.retry || reactorOf(socket).info().retry != 0 || append;
}

void Application::sendDatagram(Socket& socket) {
  const std::string text(in_.size(), 'u');
  socket.sent = text;
  const size_t before = socket.file->lettersSent;
  int result = 0;
  if (in_.flag()) {
    Address target;
    target.parse("192.0.2.44", 4444);
    result = loopOf(socket).sendTo(socket.handle, bytesOf(text), text.size(), target);
  } else {
    result = loopOf(socket).send(socket.handle, bytesOf(text), text.size(), in_.flag());
  }
  MUST(socket.file->lettersSent == before + (result == 0 ? 1 : 0));
}

void Application::flush(Socket& socket) {
  if (socket.listener || socket.datagram || !socket.connected) return;
  socket.retry = false;
  const int result = loopOf(socket).flush(socket.handle);
  if (result < 0 || socket.lost) return;  // a lost one may not know it yet
  const CallInfo& info = reactorOf(socket).info();
  MUST(info.queued == static_cast<int32_t>(socket.sent.size() - socket.file->accepted));
  socket.retry = info.retry != 0;
}

void Application::close(Socket& socket, CloseHow how) {
  if (socket.pending > 0) loopOf(socket).close(socket.pending, CloseHow::Reset);
  const File& file = *socket.file;
  MUST(loopOf(socket).close(socket.handle, how) == 0);
  MUST(loopOf(socket).close(socket.handle, how) == -EBADF);
  if (!socket.lost) {
    MUST(file.closed);
    if (!socket.datagram && !socket.listener) {
      MUST(reactorOf(socket).info().queued ==
           static_cast<int32_t>(socket.sent.size() - file.accepted));
    }
  }
  forget(socket);
}

void Application::pause(Socket& socket, bool on) {
  socket.paused = on;
  loopOf(socket).pause(socket.handle, on);
  if (on) return;
  if (socket.endError == 0) socket.ended = false;

  if (socket.connected && loopOf(socket).buffered(socket.handle) != 0) socket.resumeInput = true;
}

void Application::suspend(Socket& socket, bool on) {
  if (loopOf(socket).suspend(socket.handle, on) < 0) return;
  socket.suspended = on;
  if (on) return;
  socket.ended = false;
  if (loopOf(socket).buffered(socket.handle) != 0) socket.resumeInput = true;
}

void Application::lineMode(Socket& socket, bool on) {
  if (socket.listener || socket.datagram) return;
  socket.line = on;
  if (loopOf(socket).leaveLine(socket.handle) > 0) socket.resumeInput = true;
}

void Application::lineEnd(Socket& socket) {
  const auto& chosen = kLineEnds[in_.pick(sizeof(kLineEnds) / sizeof(kLineEnds[0]))];
  if (loopOf(socket).leaveLine(socket.handle) > 0) socket.resumeInput = true;
  MUST(loopOf(socket).setLineEnd(socket.handle, chosen) == 0);
}

void Application::clear(Socket& socket) {
  if (socket.listener || socket.datagram) return;
  Connection* connection = loopOf(socket).find(socket.handle);
  socket.read += connection->input.size();
  MUST(loopOf(socket).clearInput(socket.handle) == 0);
  MUST(connection->input.empty());
}

void Application::filter(Socket& socket) {
  if (socket.listener || socket.datagram || !socket.connected || socket.suspended) return;
  const int dropped = loopOf(socket).setFilter(socket.handle, !socket.filtered);
  if (dropped < 0) return;
  socket.read += static_cast<size_t>(dropped);
  socket.filtered = !socket.filtered;
  socket.resumeInput = true;
}

void Application::allow(Socket& socket, int32_t bytes) {
  loopOf(socket).setAllowance(socket.handle, bytes);
  socket.limited = bytes >= 0;
  if (socket.sent.size() > socket.file->accepted) flush(socket);
}

void Application::shutdown(Socket& socket) {
  if (socket.lost) return;
  loopOf(socket).shutdown(socket.handle, static_cast<int>(in_.pick(3)));
}

void Application::park(Socket& socket) {
  if (!socket.connected && !socket.listener && !socket.datagram) return;
  const bool withLife = in_.flag();
  if (socket.pending > 0) {
    loopOf(socket).close(socket.pending, CloseHow::Reset);
    socket.pending = 0;
  }
  const int token = loopOf(socket).park(socket.handle, withLife ? 5000 : 0);
  if (token < 0) {
    if (token == -EBADF) socket.lost = true;
    return;
  }
  MUST(loopOf(socket).find(socket.handle) == nullptr);
  MUST(socket.file->poller == nullptr);
  socket.parked = token;
  socket.retry = false;  // the new owner knows nothing of it
  socket.handle = 0;
}

void Application::unpark(Socket& socket) {
  const int loop = anyLoop();
  const int32_t handle = reactors_[loop].loop->unpark(socket.parked);
  if (handle == -ENOENT) {  // its time was over
    MUST(socket.file->closed);
    forget(socket);
    return;
  }
  if (handle < 0) {
    MUST(!socket.file->closed || socket.lost);
    return;
  }
  MUST(reactors_[loop].loop->unpark(socket.parked) == -ENOENT);
  socket.parked = 0;
  socket.loop = loop;
  socket.handle = handle;
  socket.suspended = false;
  socket.ended = false;
  const CallInfo& info = reactors_[loop].info();
  if (!socket.datagram && !socket.lost)
    MUST(info.queued == static_cast<int32_t>(socket.sent.size() - socket.file->accepted));
  if (socket.listener && !socket.paused) reactors_[loop].loop->pause(handle, false);
  if (!socket.paused && reactors_[loop].loop->buffered(handle) != 0) socket.resumeInput = true;
}

void Application::acceptOne(Socket& socket) {
  if (!socket.listener) return;
  Loop& loop = loopOf(socket);
  const int32_t accepted = socket.pending > 0 ? socket.pending : loop.accept(socket.handle);
  const bool waited = socket.pending > 0;
  socket.pending = 0;
  if (accepted <= 0) return;
  if (waited && !socket.paused) loop.pause(socket.handle, false);
  if (sockets_.size() >= kMaxSockets || (!settling_ && in_.pick(8) == 0)) {
    if (!settling_ && in_.flag())
      socket.pending = accepted;  // announced, and nobody takes it
    else
      MUST(loop.close(accepted, CloseHow::Reset) == 0);
    return;
  }
  const int fd = loop.descriptorOf(accepted);
  const int32_t handle = loop.adopt(fd);
  if (handle < 0) {
    loop.close(accepted, CloseHow::Reset);
    return;
  }
  own(socket.loop, handle).connected = true;
}

// The application closes the descriptor itself, and its number may go to somebody else.
void Application::closeBehind(Socket& socket) {
  const Connection* connection = loopOf(socket).find(socket.handle);
  if (socket.lost || (!connection->registered && connection->fileId == 0)) return;
  const int fd = connection->fd;
  kernel_.closeBehind(fd);
  socket.lost = true;
  socket.file->expected = nullptr;
  const auto isElsewhere = [&](const auto& one) { return one->loop != socket.loop; };
  const bool alone = std::none_of(sockets_.begin(), sockets_.end(), isElsewhere);
  if (alone && in_.flag()) {
    onlyLoop_ = socket.loop;  // a loop knows when it gets the number itself, not when another does
    return;
  }
  File& other = kernel_.make(FileKind::Stream);
  other.foreign = true;
  MUST(kernel_.attach(other) <= fd);
}

void Application::look(Socket& socket) {
  if (socket.listener) return;
  Loop& loop = loopOf(socket);
  const int flags = socket.line ? kLine : 0;
  loop.available(socket.handle, flags);
  const size_t size = in_.size();
  const ssize_t seen = loop.receive(socket.handle, scratch_.data(), size, kPeek | flags);
  if (seen <= 0 || socket.datagram || socket.lost) return;
  compare(socket, scratch_.data(), static_cast<size_t>(seen));
}

std::string Application::stream() {
  size_t size = in_.size();
  if (given_ + size > kMaxGiven) size = 0;
  given_ += size;
  const uint32_t chosen = in_.pick(kPatterns + 1);
  return chosen == kPatterns ? in_.bytes(size) : patterns()[chosen].substr(0, size);
}

void Application::peer() {
  static constexpr int kErrors[] = {ECONNRESET, ETIMEDOUT, EHOSTUNREACH};
  static constexpr int kShortages[] = {EMFILE,       ENFILE, ENOBUFS,  ENOMEM,
                                       ECONNABORTED, EPROTO, ENETDOWN, EAGAIN};
  Socket* socket = any();
  const uint32_t what = in_.pick(14);
  if (what == 13) {
    const auto call = static_cast<Call>(in_.pick(static_cast<uint32_t>(Call::Count)));
    int error = kShortages[in_.pick(call == Call::Accept ? 8 : 4)];
    if (call == Call::Send && error < ENOMEM) error = ENOBUFS;
    if (call == Call::Send && (error == EMFILE || error == ENFILE)) error = ENOMEM;
    kernel_.inject(call, error);
    return;
  }
  if (!socket) return;
  File& file = *socket->file;
  note("peer: file %d what %u", file.id, what);
  switch (what) {
    case 0:
    case 1:
      kernel_.connectTo(file);
      return;
    case 2:
      kernel_.finish(file);
      return;
    case 3:
      kernel_.breakOff(file, kErrors[in_.pick(3)]);
      return;
    case 4:
      kernel_.giveUrgent(file);
      return;
    case 5:
      kernel_.decide(file, in_.flag() ? 0 : ECONNREFUSED);
      return;
    case 6:
      kernel_.wake(file, 0);  // for no reason
      return;
    case 7:
    case 8:
      kernel_.drain(file, in_.size());
      return;
    case 9:
      kernel_.deliver(file, stream(), static_cast<uint16_t>(in_.word()));
      return;
    default:
      if (file.kind == FileKind::Datagram)
        kernel_.deliver(file, stream(), 7);
      else
        kernel_.give(file, stream());
  }
}

// For a replay.
void Application::describe(const Socket& socket) {
  const Connection* connection = loopOf(socket).find(socket.handle);
  if (!connection) return;
  const Connection& is = *connection;
  note(
      "file %d: kind %d interest %d registered %d pending %d edge %d drained %d listed %d input "
      "%zu",
      socket.file->id, static_cast<int>(is.kind), is.interest, int{is.registered},
      int{is.readPending}, int{is.edgeWait}, int{is.drained}, int{is.listed}, is.input.size());
}

// Every handler reads all it is called for, so bytes that came last were told of if none of them is
// left: an end would hide that, for it is told with all the input before it.
void Application::verifyNews() {
  for (const auto& each : sockets_) {
    const File& file = *each->file;
    const bool open = file.state == StreamState::Established && !file.fin && !file.shutRead;
    if (file.kind == FileKind::Stream && open && !each->ended) MUST(file.unread() == 0);
  }
}

void Application::settle() {
  note("settle");
  settling_ = true;
  kernel_.injectNothing();
  for (size_t i = 0; i < sockets_.size(); ++i) {
    Socket& socket = *sockets_[i];
    if (socket.parked > 0) unpark(socket);
    if (i >= sockets_.size() || sockets_[i].get() != &socket) --i;  // its time was over
  }
  for (size_t i = 0; i < sockets_.size(); ++i) {
    Socket& socket = *sockets_[i];
    MUST(socket.handle > 0);
    if (socket.lost) {
      close(socket, CloseHow::Graceful);
      --i;
      continue;
    }
    kernel_.decide(*socket.file, 0);
    kernel_.drain(*socket.file, size_t{1} << 30);
    if (socket.suspended) suspend(socket, false);
    if (socket.paused || !loopOf(socket).find(socket.handle)->registered) pause(socket, false);
    if (socket.limited) allow(socket, kUnlimited);
    if (socket.retry) flush(socket);
    if (socket.listener && socket.pending > 0) acceptOne(socket);
  }
  for (int round = 0; round < 3; ++round) {
    int turns = 0;
    for (bool busy = true; busy; ++turns) {
      MUST(turns < 2000);  // it would go on for ever
      busy = false;
      for (int loop = 0; loop < kLoops; ++loop) busy = pump(loop) || busy;
    }
    verifyAll();
    for (const auto& socket : sockets_) describe(*socket);
    if (round == 1) verifyNews();
    // What a handler left unread is told again with the next bytes; behind them everybody ends.
    for (size_t i = 0; i < sockets_.size(); ++i) {
      File& file = *sockets_[i]->file;
      if (file.kind == FileKind::Datagram) {
        if (round == 0) kernel_.deliver(file, ".", 9);
        MUST(round == 0 || file.letters.empty());
        continue;
      }
      if (round == 0) kernel_.give(file, ".");
      if (round == 1) kernel_.finish(file);
    }
  }
  for (const auto& each : sockets_) {
    const Socket& socket = *each;
    const File& file = *socket.file;
    if (socket.listener) MUST(file.backlog.empty() || file.state != StreamState::Listening);
    if (socket.datagram) MUST(socket.read == file.allLetters.size());
    if (socket.listener || socket.datagram) continue;
    MUST(socket.connected);
    MUST(socket.ended);
    const bool whole = file.state == StreamState::Established && !file.shutWrite;
    if (whole) MUST(file.accepted == socket.sent.size());
    if (file.state == StreamState::Established && !file.shutRead && !socket.edited &&
        !socket.gaveUp)
      MUST(socket.read == file.given.size());
  }
}

}  // namespace ics::fuzz
