// Two receive buffers that share a pool, against std::string.
#include <cstring>
#include <string>

#include "input.h"
#include "recvBuffer.h"

namespace ics::fuzz {
namespace {

struct Both {
  RecvBuffer buffer;
  std::string model;

  void check() const {
    MUST(buffer.size() == model.size());
    MUST(buffer.empty() == model.empty());
    MUST(model.empty() || std::memcmp(buffer.data(), model.data(), model.size()) == 0);
  }
};

size_t upTo(Input& input, size_t most) {
  return most == 0 ? 0 : (input.flag() ? most : (input.word() * size_t{7}) % (most + 1));
}

void step(Input& input, Both& one, Both& other, BlockPool& pool) {
  switch (input.pick(8)) {
    case 0:
    case 1: {
      const size_t size = input.size();
      if (one.model.size() + size > 600000) return;
      const std::string text(size, static_cast<char>(input.byte()));
      MUST(one.buffer.append(bytesOf(text), size, pool));
      one.model += text;
      return;
    }
    case 2: {
      const size_t want = input.size();
      if (one.model.size() + want > 600000) return;
      size_t room = 0;
      uint8_t* to = one.buffer.prepare(want, pool, room);
      MUST(to != nullptr || want == 0);
      if (to == nullptr) return;
      MUST(room >= want);
      const size_t used = upTo(input, room);
      const char filler = static_cast<char>(input.byte());
      std::memset(to, filler, used);
      one.buffer.commit(used);
      one.model.append(used, filler);
      return;
    }
    case 3: {
      const size_t count = upTo(input, one.model.size());
      one.buffer.consume(count);
      one.model.erase(0, count);
      return;
    }
    case 4: {
      const size_t count = upTo(input, one.model.size());
      one.buffer.truncate(count);
      one.model.resize(count);
      return;
    }
    case 5:
      one.buffer.settle(pool);
      MUST(!one.buffer.holdsBlock() || one.model.size() >= BlockPool::kBlockSize / 2);
      return;
    case 6:
      one.buffer.clear(pool);
      one.model.clear();
      return;
    default:
      if (!other.model.empty()) return;
      other.buffer.clear(pool);
      other.buffer.take(one.buffer);
      other.model.swap(one.model);
  }
}

}  // namespace
}  // namespace ics::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ics;
  using namespace ics::fuzz;
  Input input(data, size);
  BlockPool pool;
  Both both[2];
  while (!input.empty()) {
    const uint32_t chosen = input.pick(2);
    step(input, both[chosen], both[1 - chosen], pool);
    both[0].check();
    both[1].check();
  }
  both[0].buffer.clear(pool);
  both[1].buffer.clear(pool);
  return 0;
}
