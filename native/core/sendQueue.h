// Bytes of one connection that wait for the kernel. Chunks, written with one gathered call.
//
//  - append() copies: the caller may change its buffer at once.
//  - All or nothing: an append that fails for memory leaves the queue as it was.
//  - An empty queue owns no memory.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

namespace ics {

class SendQueue {
 public:
  static constexpr int kMaxParts = 64;

  SendQueue() = default;
  ~SendQueue() { clear(); }
  SendQueue(const SendQueue&) = delete;
  SendQueue& operator=(const SendQueue&) = delete;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  bool append(const uint8_t* from, size_t count);

  // Contiguous room for `count` bytes at the tail, to be written by the caller and made part of
  // the queue by commit(written <= count). nullptr when out of memory. No other call between.
  uint8_t* reserve(size_t count);
  void commit(size_t written);

  // The unused room of the last chunk, in an empty queue of a new one, for a caller that does not
  // know the size beforehand and may find it too small; then commit(), perhaps of nothing. nullptr
  // when there is none.
  uint8_t* spare(size_t& room);

  // At most `most` bytes.
  int gather(iovec* parts, int capacity, size_t most = SIZE_MAX) const;
  void consume(size_t count);  // count <= size()
  void clear();
  // Takes the content of another queue, which is empty then; this one must be empty.
  void take(SendQueue& from);

  // One gathered write of at most `most` bytes: what the kernel took, 0 if it would block, -errno.
  ssize_t flush(int fd, size_t most = SIZE_MAX);

 private:
  struct Chunk;
  Chunk* head_ = nullptr;
  Chunk* tail_ = nullptr;
  size_t size_ = 0;
};

}  // namespace ics
