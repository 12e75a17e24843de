// A send queue that is written to a fake socket with short writes, refusals and limits, against
// std::string.
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "fakeKernel.h"
#include "input.h"
#include "sendQueue.h"

namespace ics::fuzz {
namespace {

struct Writer {
  SendQueue queue;
  SendQueue moved;
  std::string given;  // everything that was ever queued; the kernel compares
  File* file;
  int fd;

  size_t waiting() const { return given.size() - file->accepted; }

  void check() const {
    MUST(queue.size() == waiting());
    MUST(queue.empty() == (waiting() == 0));
    static std::vector<iovec> parts(2048);
    const int count = queue.gather(parts.data(), static_cast<int>(parts.size()));
    size_t at = file->accepted;
    for (int i = 0; i < count; ++i) {
      const iovec& part = parts[static_cast<size_t>(i)];
      MUST(part.iov_len > 0 && part.iov_len <= given.size() - at);
      MUST(std::memcmp(part.iov_base, given.data() + at, part.iov_len) == 0);
      at += part.iov_len;
    }
    MUST(at == given.size() || count == static_cast<int>(parts.size()));
  }
};

void put(Input& input, Writer& writer, uint8_t* to, size_t room) {
  if (to == nullptr) return;
  const size_t used = input.flag() ? room : room / 3;
  const std::string text(used, static_cast<char>(input.byte()));
  std::memcpy(to, text.data(), used);
  writer.queue.commit(used);
  writer.given += text;
}

void step(Input& input, Writer& writer) {
  Kernel& kernel = Kernel::get();
  switch (input.pick(8)) {
    case 0:
    case 1: {
      const std::string text(input.size(), static_cast<char>(input.byte()));
      MUST(writer.queue.append(bytesOf(text), text.size()));
      writer.given += text;
      return;
    }
    case 2: {
      const size_t size = input.size();
      return put(input, writer, writer.queue.reserve(size), size);
    }
    case 3: {
      size_t room = 0;
      uint8_t* to = writer.queue.spare(room);
      return put(input, writer, to, room);
    }
    case 4:
      kernel.drain(*writer.file, input.size());
      return;
    case 5:
      if (input.pick(3) == 0) kernel.inject(Call::Send, input.flag() ? ENOBUFS : ENOMEM);
      return;
    case 6:
      writer.moved.take(writer.queue);
      MUST(writer.queue.empty());
      writer.queue.take(writer.moved);
      return;
    default: {
      const size_t before = writer.file->accepted;
      const size_t most = input.flag() ? SIZE_MAX : input.size();
      const ssize_t sent = writer.queue.flush(writer.fd, most);
      MUST(sent >= 0 || sent == -ENOBUFS || sent == -ENOMEM);
      MUST(writer.file->accepted - before == static_cast<size_t>(sent < 0 ? 0 : sent));
      MUST(sent <= 0 || static_cast<size_t>(sent) <= most);
      kernel.injectNothing();
    }
  }
}

}  // namespace
}  // namespace ics::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ics;
  using namespace ics::fuzz;
  Input input(data, size);
  Kernel& kernel = Kernel::get();
  kernel.reset();
  Writer writer;
  writer.fd = kernel.open(FileKind::Stream);
  writer.file = &kernel.fileOf(writer.fd);
  writer.file->state = StreamState::Established;
  writer.file->room = input.word() * 4;
  writer.file->expected = &writer.given;
  while (!input.empty() && writer.given.size() < 2000000) {
    step(input, writer);
    writer.check();
  }
  kernel.injectNothing();
  kernel.drain(*writer.file, writer.given.size());
  while (!writer.queue.empty()) MUST(writer.queue.flush(writer.fd) > 0);
  MUST(writer.file->accepted == writer.given.size());
  return 0;
}
