// Storage of the bytes an application has not fetched yet. While bytes arrive it is a borrowed
// block; heap is used for a small rest between turns and for content that outgrows a block.
#include "recvBuffer.h"

#include <cstdlib>
#include <cstring>

namespace ics {

namespace {

constexpr size_t kMaxContent = size_t{1} << 30;

uint8_t* allocate(size_t size) { return static_cast<uint8_t*>(std::malloc(size)); }

}  // namespace

BlockPool::~BlockPool() {
  while (count_ > 0) std::free(kept_[--count_]);
}

uint8_t* BlockPool::take() {
  if (count_ > 0) return kept_[--count_];
  return allocate(kBlockSize);
}

void BlockPool::give(uint8_t* block) {
  if (count_ == kKeep) {
    std::free(block);
    return;
  }
  kept_[count_++] = block;
}

uint8_t* RecvBuffer::prepare(size_t want, BlockPool& pool, size_t& room) {
  const size_t held = size();
  if (want > kMaxContent - held) return nullptr;
  const size_t needed = held + want;

  // Heap smaller than a block only exists to keep a rest; bytes are read into a block.
  const bool resting = !pooled_ && capacity_ < BlockPool::kBlockSize;
  const bool moveSuffices = needed <= capacity_;
  if (resting || capacity_ - end_ < want) {
    // Moving inside large storage pays only if it frees as much as it moves: a long content that
    // is consumed in small steps would otherwise be copied at every step.
    const bool moveIsCheap = pooled_ || begin_ >= held || capacity_ == kMaxContent;
    uint8_t* larger = nullptr;
    size_t capacity = BlockPool::kBlockSize;
    bool pooled = false;
    if (resting && needed <= BlockPool::kBlockSize) {
      larger = pool.take();
      pooled = true;
    } else if (!moveSuffices || !moveIsCheap) {
      capacity = size_t{capacity_} * 2;
      if (capacity < BlockPool::kBlockSize * 2) capacity = BlockPool::kBlockSize * 2;
      while (capacity < needed) capacity *= 2;
      if (capacity > kMaxContent) capacity = kMaxContent;
      larger = allocate(capacity);
    }

    if (larger != nullptr) {
      if (held > 0) std::memcpy(larger, data(), held);
      release(pool);
      store_ = larger;
      capacity_ = static_cast<uint32_t>(capacity);
      pooled_ = pooled;
    } else if (moveSuffices && store_ != nullptr) {
      std::memmove(store_, data(), held);
    } else {
      return nullptr;
    }
    begin_ = 0;
    end_ = static_cast<uint32_t>(held);
  }
  room = capacity_ - end_;
  return store_ + end_;
}

bool RecvBuffer::append(const uint8_t* from, size_t count, BlockPool& pool) {
  if (count == 0) return true;
  size_t room = 0;
  uint8_t* to = prepare(count, pool, room);
  if (to == nullptr) return false;
  std::memcpy(to, from, count);
  commit(count);
  return true;
}

void RecvBuffer::consume(size_t count) {
  begin_ += static_cast<uint32_t>(count);
  if (begin_ == end_) begin_ = end_ = 0;
}

void RecvBuffer::truncate(size_t count) {
  end_ = begin_ + static_cast<uint32_t>(count);
  if (begin_ == end_) begin_ = end_ = 0;
}

void RecvBuffer::clear(BlockPool& pool) {
  release(pool);
  store_ = nullptr;
  capacity_ = begin_ = end_ = 0;
  pooled_ = false;
}

void RecvBuffer::take(RecvBuffer& from) {
  store_ = from.store_;
  capacity_ = from.capacity_;
  begin_ = from.begin_;
  end_ = from.end_;
  pooled_ = from.pooled_;
  from.store_ = nullptr;
  from.capacity_ = from.begin_ = from.end_ = 0;
  from.pooled_ = false;
}

void RecvBuffer::settle(BlockPool& pool) {
  if (empty()) {
    clear(pool);
    return;
  }
  // A rest that fills half of its storage may stay where it is; so does a rest already settled.
  const size_t held = size();
  if (held >= (pooled_ ? BlockPool::kBlockSize : size_t{capacity_}) / 2) return;

  uint8_t* exact = allocate(held);
  if (exact == nullptr) return;
  std::memcpy(exact, data(), held);
  release(pool);
  store_ = exact;
  capacity_ = end_ = static_cast<uint32_t>(held);
  begin_ = 0;
  pooled_ = false;
}

void RecvBuffer::release(BlockPool& pool) {
  if (pooled_) {
    pool.give(store_);
    return;
  }
  std::free(store_);
}

}  // namespace ics
