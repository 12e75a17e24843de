#include "fakeKernel.h"

#include <cerrno>

#include "input.h"

namespace ics::fuzz {
namespace {

constexpr int kFirstDescriptor = 3;
constexpr size_t kMaxDatagram = 65507;

bool isNumbered(const std::vector<File*>& descriptors, int fd) {
  return fd >= 0 && static_cast<size_t>(fd) < descriptors.size() &&
         descriptors[static_cast<size_t>(fd)] != nullptr;
}

}  // namespace

Kernel& Kernel::get() {
  static Kernel* const only = new Kernel();
  return *only;
}

void Kernel::reset() {
  files_.clear();
  descriptors_.assign(kFirstDescriptor, nullptr);
  stolen_.clear();
  injectNothing();
}

uint8_t File::readiness() const {
  if (kind == FileKind::Null) return 0;
  if (kind == FileKind::WakeUp) return kWritable;
  if (kind == FileKind::Datagram) {
    const uint8_t failed = error != 0 ? kFailed : 0;
    return static_cast<uint8_t>(kWritable | failed | (letters.empty() ? 0 : kReadable));
  }
  switch (state) {
    case StreamState::Fresh:
      return kWritable | kHangUp;
    case StreamState::Listening:
      return backlog.empty() ? 0 : kReadable;
    case StreamState::Connecting:
      return error != 0 ? kFailed : 0;
    default:
      break;
  }
  const bool over = state == StreamState::Over;
  const bool ended = fin || shutRead || over;
  uint8_t flags = 0;
  if (unread() > 0 || ended) flags |= kReadable;
  if (ended) flags |= kPeerShut;
  if (room > 0 || shutWrite || over) flags |= kWritable;
  if (over || (ended && shutWrite)) flags |= kHangUp;
  if (error != 0) flags |= kFailed;
  if (markAhead()) flags |= kUrgent;
  return flags;
}

File& Kernel::make(FileKind kind) {
  files_.push_back(std::make_unique<File>());
  File& file = *files_.back();
  file.id = static_cast<int>(files_.size()) - 1;
  file.kind = kind;
  return file;
}

// The lowest free number, as POSIX wants it.
int Kernel::attach(File& file) {
  size_t fd = kFirstDescriptor;
  while (fd < descriptors_.size() && descriptors_[fd] != nullptr) ++fd;
  if (fd == descriptors_.size()) descriptors_.push_back(nullptr);
  descriptors_[fd] = &file;
  file.open = true;
  return static_cast<int>(fd);
}

int Kernel::open(FileKind kind) { return attach(make(kind)); }

File* Kernel::find(int fd) {
  if (!isNumbered(descriptors_, fd)) {
    MUST(stolen_.count(fd) != 0);
    return nullptr;
  }
  File* file = descriptors_[static_cast<size_t>(fd)];
  MUST(!file->foreign || stolen_.count(fd) != 0);
  return file;
}

File& Kernel::fileOf(int fd) {
  MUST(isNumbered(descriptors_, fd));
  return *descriptors_[static_cast<size_t>(fd)];
}

int Kernel::close(int fd) {
  File* file = find(fd);
  if (!file) return -EBADF;
  MUST(!file->foreign);
  MUST(file->poller == nullptr || file->kind == FileKind::WakeUp);
  file->poller = nullptr;
  file->open = false;
  file->closed = true;
  descriptors_[static_cast<size_t>(fd)] = nullptr;
  return 0;
}

void Kernel::closeBehind(int fd) {
  File& file = fileOf(fd);
  file.poller = nullptr;
  file.open = false;
  file.closed = true;
  descriptors_[static_cast<size_t>(fd)] = nullptr;
  stolen_.insert(fd);
}

int Kernel::failure(Call call) {
  int& planned = failures_[static_cast<size_t>(call)];
  const int error = planned;
  planned = 0;
  return -error;
}

size_t Kernel::openDescriptors() const {
  size_t count = 0;
  for (const File* file : descriptors_) count += file != nullptr;
  return count;
}

size_t Kernel::ownDescriptors() const {
  size_t count = 0;
  for (const File* file : descriptors_) count += file != nullptr && !file->foreign;
  return count;
}

void Kernel::wake(File& file, uint8_t what) {
  if (file.poller == nullptr) return;
  uint8_t wanted = kHangUp | kFailed;
  if (file.interest & kWantRead) wanted |= kReadable | kPeerShut;
  if (file.interest & kWantWrite) wanted |= kWritable;
  if (file.interest & kWantUrgent) wanted |= kUrgent;
  if (what == 0 || (what & wanted) != 0) file.ready = true;
}

int Kernel::wait(const void* poller, Ready* ready, int capacity) {
  int count = 0;
  for (const auto& each : files_) {
    File& file = *each;
    if (file.poller != poller || !file.ready || count == capacity) continue;
    uint8_t wanted = kHangUp | kFailed;
    if (file.interest & kWantRead) wanted |= kReadable | kPeerShut;
    if (file.interest & kWantWrite) wanted |= kWritable;
    if (file.interest & kWantUrgent) wanted |= kUrgent;
    const uint8_t flags = file.readiness() & wanted;
    if (!(file.readiness() & kWritable)) file.noSpace = true;  // as tcp_poll does
    file.ready = flags != 0 && !(file.interest & kWantEdge);
    if (flags != 0) ready[count++] = Ready{file.handle, flags};
  }
  return count;
}

bool Kernel::connectTo(File& listener) {
  if (listener.state != StreamState::Listening) return false;
  File& file = make(FileKind::Stream);
  file.state = StreamState::Established;
  file.local = listener.local;
  file.peer.parse("192.0.2.1", static_cast<uint16_t>(1024 + file.id));
  listener.backlog.push_back(file.id);
  wake(listener, kReadable);
  return true;
}

void Kernel::give(File& file, const std::string& text) {
  if (text.empty() || file.fin || file.closed || file.state != StreamState::Established) return;
  file.given += text;
  wake(file, kReadable);
}

void Kernel::giveUrgent(File& file) {
  if (file.fin || file.closed || file.state != StreamState::Established || file.markAhead()) return;
  file.mark = file.given.size();
  wake(file, kReadable);
  wake(file, kUrgent);
}

void Kernel::finish(File& file) {
  if (file.fin || file.closed || file.state != StreamState::Established) return;
  file.fin = true;
  wake(file, 0);
}

void Kernel::breakOff(File& file, int error) {
  if (file.kind == FileKind::Datagram) {
    file.error = error;
    wake(file, kFailed);
    return;
  }
  if (file.closed || file.state != StreamState::Established) return;
  file.state = StreamState::Over;
  file.error = file.fin ? EPIPE : error;
  wake(file, 0);
}

void Kernel::decide(File& file, int error) {
  if (file.closed || file.state != StreamState::Connecting) return;
  file.state = error == 0 ? StreamState::Established : StreamState::Over;
  file.error = error;
  wake(file, 0);
}

void Kernel::drain(File& file, size_t count) {
  file.room += count;
  if (count == 0 || !file.noSpace) return;
  file.noSpace = false;
  wake(file, kWritable);
}

void Kernel::deliver(File& file, const std::string& text, uint16_t from) {
  if (file.closed || file.kind != FileKind::Datagram || text.size() > kMaxDatagram) return;
  file.letters.push_back({text, from});
  file.allLetters.push_back({text, from});
  wake(file, kReadable);
}

}  // namespace ics::fuzz
