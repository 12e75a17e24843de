// Bytes of one connection that were taken from the kernel and not yet given to the application.
//
//  - Empty connections own nothing: the storage is a block borrowed from the loop's pool while
//    bytes are being read, and an exactly sized piece of heap for a rest that stays longer.
//  - Nothing throws; out of memory is a null pointer or false.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ics {

// Blocks of kBlockSize bytes, shared by all connections of a loop. A few are kept for re-use.
class BlockPool {
 public:
  static constexpr size_t kBlockSize = 64 * 1024;
  static constexpr size_t kKeep = 4;

  BlockPool() = default;
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  uint8_t* take();  // nullptr when out of memory
  void give(uint8_t* block);

 private:
  uint8_t* kept_[kKeep] = {};
  size_t count_ = 0;
};

class RecvBuffer {
 public:
  RecvBuffer() = default;
  ~RecvBuffer() = default;  // clear() must have been called: only it knows the pool
  RecvBuffer(const RecvBuffer&) = delete;
  RecvBuffer& operator=(const RecvBuffer&) = delete;

  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  const uint8_t* data() const { return store_ + begin_; }
  uint8_t* data() { return store_ + begin_; }

  // Room for at least `want` bytes behind the content, found by moving the content to the front
  // or into larger storage; `room` tells how many there are. nullptr when out of memory (the
  // content is untouched then) or when the content would pass 1 GiB.
  uint8_t* prepare(size_t want, BlockPool& pool, size_t& room);
  void commit(size_t added) { end_ += static_cast<uint32_t>(added); }
  bool append(const uint8_t* from, size_t count, BlockPool& pool);

  void consume(size_t count);   // from the front; count <= size()
  void truncate(size_t count);  // keeps only the first `count` bytes; count <= size()
  void clear(BlockPool& pool);  // drops the content and the storage
  // Takes content and storage of another buffer, which is empty then; this one must be empty.
  void take(RecvBuffer& from);

  // Called between turns: gives the borrowed block back, moving a rest of less than half a block
  // into storage of its own size. Without memory for that the block simply stays.
  void settle(BlockPool& pool);
  bool holdsBlock() const { return pooled_; }

 private:
  void release(BlockPool& pool);

  uint8_t* store_ = nullptr;
  uint32_t capacity_ = 0;
  uint32_t begin_ = 0;
  uint32_t end_ = 0;
  bool pooled_ = false;
};

}  // namespace ics
