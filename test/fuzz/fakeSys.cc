// The functions of core/sys.h on the fake kernel, as Linux answers them.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "address.h"
#include "fakeKernel.h"
#include "input.h"
#include "sys.h"
#include "thread.h"

namespace ics {

// Lookups have tests of their own; here nobody ever answers.
int startDetachedThread(void (*)(void*), void*, const char*) { return -EAGAIN; }
void keepLibraryLoaded() {}

}  // namespace ics

namespace ics::sys {
namespace {

using fuzz::Call;
using fuzz::File;
using fuzz::FileKind;
using fuzz::Kernel;
using fuzz::StreamState;

Kernel& kernel() { return Kernel::get(); }

int takeFailure(File& file) {
  const int error = file.error;
  file.error = 0;
  return error;
}

// Up to `size` bytes from the stream; the urgent byte ends a read in front of it.
ssize_t read(File& file, void* to, size_t size, bool keep) {
  if (file.kind != FileKind::Stream) return -EINVAL;
  if (file.state == StreamState::Fresh || file.state == StreamState::Listening) return -ENOTCONN;
  if (file.state == StreamState::Connecting) return -EAGAIN;
  size_t there = file.unread();
  if (file.markAhead() && file.mark > file.taken) there = std::min(there, file.mark - file.taken);
  if (there == 0) {
    if (file.fin) return 0;
    if (const int error = takeFailure(file)) return -error;
    return file.shutRead || file.state == StreamState::Over ? 0 : -EAGAIN;
  }
  const size_t count = std::min(there, size);
  if (to) std::memcpy(to, file.given.data() + file.taken, count);
  if (keep) return static_cast<ssize_t>(count);
  file.taken += count;
  if (file.mark != SIZE_MAX && file.mark < file.taken) file.mark = SIZE_MAX;
  return static_cast<ssize_t>(count);
}

int mayWrite(File& file) {
  if (file.kind != FileKind::Stream) return -EDESTADDRREQ;
  if (const int error = takeFailure(file)) return -error;
  if (file.state == StreamState::Connecting) return -EAGAIN;
  if (file.state != StreamState::Established || file.shutWrite) return -EPIPE;
  return 0;
}

ssize_t write(File& file, const uint8_t* from, size_t size) {
  const size_t count = std::min(size, file.room);
  if (file.expected) {
    MUST(count <= file.expected->size() - file.accepted);
    MUST(std::memcmp(from, file.expected->data() + file.accepted, count) == 0);
  }
  file.accepted += count;
  file.room -= count;
  if (count < size) file.noSpace = true;
  return count == 0 && size > 0 ? -EAGAIN : static_cast<ssize_t>(count);
}

}  // namespace

int openSocket(int family, int type) {
  if (const int failed = kernel().failure(Call::Open)) return failed;
  const int fd = kernel().open(type == SOCK_DGRAM ? FileKind::Datagram : FileKind::Stream);
  kernel().fileOf(fd).local.parse(family == AF_INET6 ? "::" : "0.0.0.0", 0);
  return fd;
}

int bindTo(int fd, const Address& address) {
  if (const int failed = kernel().failure(Call::Bind)) return failed;
  File* file = kernel().find(fd);
  if (!file) return -EBADF;
  file->local = address;
  return 0;
}

int listenOn(int fd, int) {
  if (const int failed = kernel().failure(Call::Listen)) return failed;
  File* file = kernel().find(fd);
  if (!file) return -EBADF;
  if (file->state != StreamState::Fresh) return -EINVAL;
  file->state = StreamState::Listening;
  return 0;
}

int connectTo(int fd, const Address& address) {
  File* file = kernel().find(fd);
  if (!file) return -EBADF;
  if (file->kind != FileKind::Stream || file->state != StreamState::Fresh) return -EISCONN;
  file->peer = address;
  file->state = StreamState::Connecting;
  return -EINPROGRESS;
}

int acceptFrom(int fd, Address& peer) {
  if (const int failed = kernel().failure(Call::Accept)) return failed;
  File* file = kernel().find(fd);
  if (!file) return -EBADF;
  if (file->state != StreamState::Listening) return -EINVAL;
  if (file->backlog.empty()) return -EAGAIN;
  File& accepted = kernel().file(file->backlog.front());
  file->backlog.pop_front();
  peer = accepted.peer;
  return kernel().attach(accepted);
}

int localAddress(int fd, Address& address) {
  File* file = kernel().find(fd);
  if (!file) return -EBADF;
  address = file->local;
  return 0;
}

int peerAddress(int fd, Address& address) {
  File* file = kernel().find(fd);
  if (!file) return -EBADF;
  if (file->state != StreamState::Established) return -ENOTCONN;
  address = file->peer;
  return 0;
}

int shutdownSocket(int fd, int how) {
  File* file = kernel().find(fd);
  if (!file) return -EBADF;
  if (file->state == StreamState::Listening) {
    if (how == 1) return 0;
    file->state = StreamState::Over;
    kernel().wake(*file, 0);
    return 0;
  }
  if (file->state != StreamState::Established) return -ENOTCONN;
  if (how != 1) file->shutRead = true;
  if (how != 0) file->shutWrite = true;
  kernel().wake(*file, 0);
  return 0;
}

int closeFd(int fd) { return kernel().close(fd); }

ssize_t receive(int fd, void* to, size_t size) {
  File* file = kernel().find(fd);
  return file ? read(*file, to, size, false) : -EBADF;
}

ssize_t peek(int fd, void* to, size_t size) {
  File* file = kernel().find(fd);
  return file ? read(*file, to, size, true) : -EBADF;
}

ssize_t discard(int fd, size_t size) {
  File* file = kernel().find(fd);
  return file ? read(*file, nullptr, size, false) : -EBADF;
}

ssize_t send(int fd, const void* from, size_t size) {
  if (const int failed = kernel().failure(Call::Send)) return failed;
  File* file = kernel().find(fd);
  if (!file) return -EBADF;
  if (const int error = mayWrite(*file)) return error;
  return write(*file, static_cast<const uint8_t*>(from), size);
}

ssize_t sendv(int fd, const iovec* parts, int count) {
  if (const int failed = kernel().failure(Call::Send)) return failed;
  File* file = kernel().find(fd);
  if (!file) return -EBADF;
  if (const int error = mayWrite(*file)) return error;
  ssize_t sent = 0;
  for (int i = 0; i < count; ++i) {
    const auto* from = static_cast<const uint8_t*>(parts[i].iov_base);
    const ssize_t taken = write(*file, from, parts[i].iov_len);
    if (taken < 0) return sent > 0 ? sent : taken;
    sent += taken;
    if (static_cast<size_t>(taken) < parts[i].iov_len) break;
  }
  return sent;
}

int unreadBytes(int fd) {
  File* file = kernel().find(fd);
  if (!file) return -EBADF;
  if (file->kind == FileKind::Datagram)
    return file->letters.empty() ? 0 : static_cast<int>(file->letters.front().text.size());
  if (file->state == StreamState::Listening) return -EINVAL;
  if (file->markAhead()) return static_cast<int>(file->mark - file->taken);
  return static_cast<int>(file->unread());
}

ssize_t receiveFrom(int fd, void* to, size_t size, Address& sender) {
  File* file = kernel().find(fd);
  if (!file) return -EBADF;
  if (file->kind != FileKind::Datagram) return -EINVAL;
  if (const int error = takeFailure(*file)) return -error;
  if (file->letters.empty()) return -EAGAIN;
  const File::Letter letter = file->letters.front();
  file->letters.pop_front();
  const size_t count = std::min(size, letter.text.size());
  if (count > 0) std::memcpy(to, letter.text.data(), count);
  sender.parse("192.0.2.2", letter.from);
  return count < letter.text.size() ? -EMSGSIZE : static_cast<ssize_t>(count);
}

ssize_t sendTo(int fd, const void* from, size_t size, const Address& target) {
  if (const int failed = kernel().failure(Call::Send)) return failed;
  File* file = kernel().find(fd);
  if (!file) return -EBADF;
  if (file->kind != FileKind::Datagram) return -EOPNOTSUPP;
  if (target.size() == 0) return -EDESTADDRREQ;
  if (const int error = takeFailure(*file)) return -error;
  if (size > 65507) return -EMSGSIZE;
  if (file->expected) {
    MUST(file->expected->size() == size);
    MUST(std::memcmp(from, file->expected->data(), size) == 0);
  }
  ++file->lettersSent;
  return static_cast<ssize_t>(size);
}

int multicastGroup(int, bool, const Address&, const Address&) { return 0; }
int multicastInterface(int, const Address&) { return 0; }

int setOption(int fd, int, int, int) { return kernel().find(fd) ? 0 : -EBADF; }
int getOption(int fd, int, int) { return kernel().find(fd) ? 1 : -EBADF; }
int setLinger(int fd, bool, int) { return kernel().find(fd) ? 0 : -EBADF; }

int takeError(int fd) {
  File* file = kernel().find(fd);
  return file ? takeFailure(*file) : EBADF;
}

int socketType(int fd) {
  File* file = kernel().find(fd);
  if (!file) return -EBADF;
  if (file->kind == FileKind::Stream) return SOCK_STREAM;
  return file->kind == FileKind::Datagram ? SOCK_DGRAM : -ENOTSOCK;
}

int makeNonBlocking(int fd) { return kernel().find(fd) ? 0 : -EBADF; }

uint64_t fileId(int fd) {
  File* file = kernel().find(fd);
  return file ? static_cast<uint64_t>(file->id) + 1 : 0;
}

int openNull() {
  if (const int failed = kernel().failure(Call::OpenNull)) return failed;
  return kernel().open(FileKind::Null);
}

int waitReadable(int, int) { return 0; }
int servicePort(const char*, const char*) { return -ENOENT; }
int resolveHost(const char*, int, Address&) { return 11001; }
int resolveHostAll(const char*, int, std::vector<Address>&) { return 11001; }
int resolveAddress(const Address&, std::string&) { return 11001; }

int openWakeUp(int& readEnd, int& writeEnd) {
  readEnd = writeEnd = kernel().open(FileKind::WakeUp);
  return 0;
}
void wake(int) {}
void clearWakeUp(int) {}

uint64_t monotonicMicroseconds() { return kernel().now; }
int processorCount() { return 1; }

}  // namespace ics::sys
