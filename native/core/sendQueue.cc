// Chunks in sending order. A new chunk doubles the last one's capacity up to 64 KiB, so that many
// small messages share few chunks; a message larger than that gets one chunk of its own size.
// A queue that collects a few answers and is flushed needs one chunk of the smallest size each
// time: each thread keeps one of these.
#include "sendQueue.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "sys.h"

namespace ics {

namespace {

constexpr size_t kSmallestChunk = 4 * 1024;
constexpr size_t kLargestSharedChunk = 64 * 1024;

}  // namespace

// The bytes follow the header in the same allocation.
struct SendQueue::Chunk {
  Chunk* next;
  size_t capacity;
  size_t begin;
  size_t end;

  uint8_t* bytes() { return reinterpret_cast<uint8_t*>(this + 1); }
  size_t used() const { return end - begin; }
  size_t room() const { return capacity - end; }

  // A chunk to follow `tail` (which may be null) with room for at least `count` bytes.
  static Chunk* create(const Chunk* tail, size_t count) {
    size_t capacity = tail == nullptr ? kSmallestChunk : tail->capacity * 2;
    if (capacity < kSmallestChunk) capacity = kSmallestChunk;
    if (capacity > kLargestSharedChunk) capacity = kLargestSharedChunk;
    if (capacity < count) capacity = count;
    if (capacity > SIZE_MAX - sizeof(Chunk)) return nullptr;

    void* memory = capacity == kSmallestChunk ? std::exchange(kept.memory, nullptr) : nullptr;
    if (memory == nullptr) memory = std::malloc(sizeof(Chunk) + capacity);
    if (memory == nullptr) return nullptr;
    return new (memory) Chunk{nullptr, capacity, 0, 0};
  }

  static void release(Chunk* chunk) {
    if (chunk->capacity == kSmallestChunk && kept.memory == nullptr) {
      kept.memory = chunk;
    } else {
      std::free(chunk);
    }
  }

 private:
  struct Kept {
    void* memory = nullptr;
    ~Kept() { std::free(memory); }
  };
  static thread_local Kept kept;
};

thread_local SendQueue::Chunk::Kept SendQueue::Chunk::kept;

bool SendQueue::append(const uint8_t* from, size_t count) {
  if (count == 0) return true;

  const size_t room = tail_ == nullptr ? 0 : tail_->room();
  const size_t first = count < room ? count : room;
  const size_t rest = count - first;
  Chunk* added = nullptr;
  if (rest > 0) {
    added = Chunk::create(tail_, rest);
    if (added == nullptr) return false;
  }

  if (first > 0) {
    std::memcpy(tail_->bytes() + tail_->end, from, first);
    tail_->end += first;
  }
  if (added != nullptr) {
    std::memcpy(added->bytes(), from + first, rest);
    added->end = rest;
    (tail_ == nullptr ? head_ : tail_->next) = added;
    tail_ = added;
  }
  size_ += count;
  return true;
}

uint8_t* SendQueue::reserve(size_t count) {
  if (tail_ == nullptr || tail_->room() < count) {
    Chunk* added = Chunk::create(tail_, count);
    if (added == nullptr) return nullptr;
    (tail_ == nullptr ? head_ : tail_->next) = added;
    tail_ = added;
  }
  return tail_->bytes() + tail_->end;
}

void SendQueue::commit(size_t written) {
  tail_->end += written;
  size_ += written;
  if (size_ == 0) {
    clear();
    return;
  }
  if (tail_->used() > 0) return;

  // Nothing was written into a chunk made for it: unlink it, or unused ones could pile up.
  Chunk* before = head_;
  while (before->next != tail_) before = before->next;
  Chunk::release(tail_);
  before->next = nullptr;
  tail_ = before;
}

uint8_t* SendQueue::spare(size_t& room) {
  if (tail_ == nullptr) head_ = tail_ = Chunk::create(nullptr, 0);
  if (tail_ == nullptr || tail_->room() == 0) return nullptr;
  room = tail_->room();
  return tail_->bytes() + tail_->end;
}

int SendQueue::gather(iovec* parts, int capacity, size_t most) const {
  int count = 0;
  for (Chunk* chunk = head_; chunk != nullptr && count < capacity && most > 0;
       chunk = chunk->next) {
    if (chunk->used() == 0) continue;
    const size_t taken = chunk->used() < most ? chunk->used() : most;
    parts[count].iov_base = chunk->bytes() + chunk->begin;
    parts[count].iov_len = taken;
    most -= taken;
    ++count;
  }
  return count;
}

void SendQueue::consume(size_t count) {
  size_ -= count;
  if (size_ == 0) {
    clear();
    return;
  }
  while (count >= head_->used()) {
    count -= head_->used();
    Chunk* spent = head_;
    head_ = spent->next;
    Chunk::release(spent);
  }
  head_->begin += count;
}

void SendQueue::take(SendQueue& from) {
  head_ = from.head_;
  tail_ = from.tail_;
  size_ = from.size_;
  from.head_ = from.tail_ = nullptr;
  from.size_ = 0;
}

void SendQueue::clear() {
  while (head_ != nullptr) {
    Chunk* next = head_->next;
    Chunk::release(head_);
    head_ = next;
  }
  tail_ = nullptr;
  size_ = 0;
}

ssize_t SendQueue::flush(int fd, size_t most) {
  iovec parts[kMaxParts];
  const int count = gather(parts, kMaxParts, most);
  if (count == 0) return 0;

  const ssize_t sent = count == 1 ? sys::send(fd, parts[0].iov_base, parts[0].iov_len)
                                  : sys::sendv(fd, parts, count);
  if (sent == -EAGAIN) return 0;
  if (sent < 0) return sent;  // ECONNRESET, EPIPE, ENOBUFS: the connection decides

  consume(static_cast<size_t>(sent));
  return sent;
}

}  // namespace ics
