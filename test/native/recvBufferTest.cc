// core/recvBuffer: whose memory the bytes lie in at which time, and that they stay the same.
#include <chrono>
#include <cstring>
#include <random>
#include <string>

#include "check.h"
#include "memory.h"
#include "recvBuffer.h"

namespace ics {
namespace {

constexpr size_t kBlock = BlockPool::kBlockSize;

const uint8_t* bytes(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string content(const RecvBuffer& buffer) {
  return std::string(reinterpret_cast<const char*>(buffer.data()), buffer.size());
}

bool add(RecvBuffer& buffer, BlockPool& pool, const std::string& text) {
  return buffer.append(bytes(text), text.size(), pool);
}

std::string pattern(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23);
  return text;
}

TEST("block pool: hands a returned block out again and keeps at most kKeep") {
  BlockPool pool;
  uint8_t* blocks[BlockPool::kKeep + 2];
  for (uint8_t*& block : blocks) block = pool.take();
  for (uint8_t* block : blocks) pool.give(block);

  const long before = test::allocationCount();
  for (size_t i = 0; i < BlockPool::kKeep; ++i) blocks[i] = pool.take();
  CHECK(test::allocationCount() == before);
  CHECK(blocks[0] != blocks[1]);
  for (size_t i = 0; i < BlockPool::kKeep; ++i) pool.give(blocks[i]);
}

TEST("block pool: answers null when out of memory, but still gives what it kept") {
  BlockPool pool;
  uint8_t* kept = pool.take();
  pool.give(kept);
  test::OutOfMemory none;
  CHECK(pool.take() == kept);
  CHECK(pool.take() == nullptr);
  pool.give(kept);
}

TEST("recvBuffer: an empty one owns nothing, neither before nor after use") {
  BlockPool pool;
  RecvBuffer buffer;
  CHECK(buffer.empty() && buffer.size() == 0 && !buffer.holdsBlock());
  CHECK(add(buffer, pool, ""));
  CHECK(!buffer.holdsBlock());

  CHECK(add(buffer, pool, "hello"));
  CHECK(buffer.holdsBlock());
  buffer.consume(5);
  CHECK(buffer.empty());
  buffer.settle(pool);
  CHECK(!buffer.holdsBlock());
}

TEST("recvBuffer: prepare offers a whole block first and commit makes bytes part of it") {
  BlockPool pool;
  RecvBuffer buffer;
  size_t room = 0;
  uint8_t* to = buffer.prepare(1, pool, room);
  CHECK(to != nullptr && room == kBlock);
  std::memcpy(to, "abc", 3);
  buffer.commit(3);
  CHECK(content(buffer) == "abc");
  CHECK(buffer.prepare(1, pool, room) == to + 3);
  CHECK(room == kBlock - 3);
  buffer.clear(pool);
}

TEST("recvBuffer: consume takes from the front, truncate from the end") {
  BlockPool pool;
  RecvBuffer buffer;
  CHECK(add(buffer, pool, "0123456789"));
  buffer.consume(3);
  buffer.truncate(5);
  CHECK(content(buffer) == "34567");
  CHECK(add(buffer, pool, "x"));
  CHECK(content(buffer) == "34567x");
  buffer.truncate(0);
  CHECK(buffer.empty());
  buffer.clear(pool);
}

TEST("recvBuffer: moves the content to the front before it asks for larger storage") {
  BlockPool pool;
  RecvBuffer buffer;
  const std::string text = pattern(kBlock);
  CHECK(add(buffer, pool, text));
  buffer.consume(100);
  size_t room = 0;
  CHECK(buffer.prepare(100, pool, room) != nullptr);
  CHECK(room == 100 && buffer.holdsBlock());
  CHECK(content(buffer) == text.substr(100));
  buffer.clear(pool);
}

TEST("recvBuffer: grows past a block into heap and gives the block back") {
  BlockPool pool;
  RecvBuffer buffer;
  const std::string text = pattern(kBlock * 5 + 7);
  CHECK(add(buffer, pool, text.substr(0, kBlock)));
  CHECK(buffer.holdsBlock());
  CHECK(add(buffer, pool, text.substr(kBlock, 1)));
  CHECK(!buffer.holdsBlock());
  CHECK(add(buffer, pool, text.substr(kBlock + 1)));
  CHECK(content(buffer) == text);
  buffer.clear(pool);
  CHECK(buffer.empty() && !buffer.holdsBlock());
}

TEST("recvBuffer: growing byte by byte allocates only a few times") {
  BlockPool pool;
  RecvBuffer buffer;
  const long before = test::allocationCount();
  const uint8_t byte = 'x';
  for (size_t i = 0; i < 1024 * 1024; ++i) {
    if (!buffer.append(&byte, 1, pool)) break;
  }
  CHECK(buffer.size() == 1024 * 1024);
  CHECK(test::allocationCount() - before <= 6);
  buffer.clear(pool);
}

TEST("recvBuffer: small steps through a long content do not copy it at every step") {
  BlockPool pool;
  RecvBuffer buffer;
  const std::string step = pattern(100);
  CHECK(add(buffer, pool, pattern(8 * 1024 * 1024)));  // fills its storage exactly
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 50000; ++i) {
    buffer.consume(step.size());
    if (!CHECK(add(buffer, pool, step))) break;
  }
  CHECK(buffer.size() == 8 * 1024 * 1024);
  // 50,000 copies of 8 MiB would take the better part of a minute.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  buffer.clear(pool);
}

TEST("recvBuffer: settle moves a small rest to heap of its own size and frees the block") {
  BlockPool pool;
  RecvBuffer buffer;
  CHECK(add(buffer, pool, "xxrest"));
  buffer.consume(2);
  buffer.settle(pool);
  CHECK(!buffer.holdsBlock());
  CHECK(content(buffer) == "rest");

  const long before = test::allocationCount();
  buffer.settle(pool);
  CHECK(test::allocationCount() == before);  // settled already

  size_t room = 0;
  CHECK(buffer.prepare(1, pool, room) != nullptr);
  CHECK(buffer.holdsBlock() && room == kBlock - 4);
  CHECK(test::allocationCount() == before);  // the block came from the pool
  CHECK(content(buffer) == "rest");
  buffer.clear(pool);
}

TEST("recvBuffer: settle leaves a rest of half a block or more in the block") {
  BlockPool pool;
  RecvBuffer buffer;
  CHECK(add(buffer, pool, pattern(kBlock / 2)));
  buffer.settle(pool);
  CHECK(buffer.holdsBlock());
  buffer.consume(1);
  buffer.settle(pool);
  CHECK(!buffer.holdsBlock());
  CHECK(content(buffer) == pattern(kBlock / 2).substr(1));
  buffer.clear(pool);
}

TEST("recvBuffer: settle shrinks large storage once most of it was consumed") {
  BlockPool pool;
  RecvBuffer buffer;
  const std::string text = pattern(kBlock * 3);
  CHECK(add(buffer, pool, text));
  buffer.consume(kBlock * 3 - 10);
  const uint8_t* before = buffer.data();
  buffer.settle(pool);
  CHECK(buffer.data() != before);
  CHECK(content(buffer) == text.substr(kBlock * 3 - 10));
  buffer.clear(pool);
}

TEST("recvBuffer: out of memory leaves the content untouched") {
  BlockPool pool;
  RecvBuffer buffer;
  size_t room = 0;
  {
    test::OutOfMemory none;
    CHECK(buffer.prepare(1, pool, room) == nullptr);
    CHECK(!add(buffer, pool, "x"));
    CHECK(add(buffer, pool, ""));
  }
  CHECK(add(buffer, pool, "kept"));
  {
    test::OutOfMemory none;
    CHECK(buffer.prepare(kBlock, pool, room) == nullptr);
    CHECK(content(buffer) == "kept");
    buffer.settle(pool);
    CHECK(buffer.holdsBlock());
    CHECK(content(buffer) == "kept");
  }
  buffer.settle(pool);
  {
    // No block to be had: what the small storage can hold after a move must do.
    test::OutOfMemory none;
    uint8_t* other = pool.take();
    buffer.consume(3);
    CHECK(buffer.prepare(3, pool, room) != nullptr);
    CHECK(room == 3);
    CHECK(buffer.prepare(4, pool, room) == nullptr);
    CHECK(content(buffer) == "t");
    pool.give(other);
  }
  buffer.clear(pool);
}

TEST("recvBuffer: content never passes 1 GiB") {
  BlockPool pool;
  RecvBuffer buffer;
  size_t room = 0;
  CHECK(buffer.prepare((size_t{1} << 30) + 1, pool, room) == nullptr);
  CHECK(buffer.prepare(SIZE_MAX, pool, room) == nullptr);
  CHECK(add(buffer, pool, "0123456789"));
  CHECK(buffer.prepare((size_t{1} << 30) - 9, pool, room) == nullptr);
  CHECK(buffer.prepare(SIZE_MAX - 5, pool, room) == nullptr);
  CHECK(content(buffer) == "0123456789");
  buffer.clear(pool);
}

TEST("recvBuffer: random use gives the bytes in order, like a string would") {
  std::mt19937 random(20240517);
  BlockPool pool;
  RecvBuffer buffer;
  std::string model;
  for (int round = 0; round < 4000; ++round) {
    const size_t number = random();
    switch (random() % 6) {
      case 0:
      case 1: {
        const std::string text = pattern(number % (round % 50 == 0 ? kBlock * 2 : 3000));
        CHECK(add(buffer, pool, text));
        model += text;
        break;
      }
      case 2:
      case 3: {
        const size_t count = model.empty() ? 0 : number % (model.size() + 1);
        buffer.consume(count);
        model.erase(0, count);
        break;
      }
      case 4: {
        const size_t count = model.size() - (model.empty() ? 0 : number % (model.size() / 8 + 1));
        buffer.truncate(count);
        model.resize(count);
        break;
      }
      default:
        buffer.settle(pool);
        break;
    }
    if (!CHECK(content(buffer) == model)) break;
  }
  buffer.clear(pool);
}

}  // namespace
}  // namespace ics
