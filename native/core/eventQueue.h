// The one queue of socket events between the core and the dispatcher above it. Its words lie in
// memory that the dispatcher reads directly: [0] head, [1] tail, [2..] CallInfo, [8..]
// CallArguments, then kFields words per event.
//
// One queue, not one per poll: a handler may pump, and the nested pump must first go on with the
// events of the outer turn. Events are added only while the queue is empty (Loop::poll).
#pragma once

#include <cstddef>
#include <cstdint>

namespace ics {

// The Winsock names and values, so that the layers above speak ICS.
enum EventBit : int32_t {
  kFdRead = 1,
  kFdWrite = 2,
  kFdAccept = 8,
  kFdConnect = 16,
  kFdClose = 32,
  kFdLookup = 1024,  // ours: a lookup has its answer; handle 0, the error word is its id
};

class EventQueue {
 public:
  static constexpr int32_t kHeader = 10;
  static constexpr int32_t kFields = 3;       // handle, bits, error (positive errno)
  static constexpr int32_t kCapacity = 2048;  // what one poll() can find: kernel and own list
  static constexpr size_t kWords = kHeader + kFields * kCapacity;

  explicit EventQueue(int32_t* words) : words_(words) { reset(); }

  bool empty() const { return words_[0] >= words_[1]; }
  int32_t count() const { return empty() ? 0 : (words_[1] - words_[0]) / kFields; }
  bool full() const { return words_[1] > static_cast<int32_t>(kWords) - kFields; }
  void reset() { words_[0] = words_[1] = kHeader; }

  void push(int32_t handle, int32_t bits, int32_t error) {
    int32_t* event = words_ + words_[1];
    event[0] = handle;
    event[1] = bits;
    event[2] = error;
    words_[1] += kFields;
  }

  // The end of this socket that was queued and not dispatched yet: it will be told again later.
  void withdrawEnd(int32_t handle) {
    for (int32_t at = words_[0]; at < words_[1]; at += kFields) {
      int32_t* event = words_ + at;
      if (event[0] != handle) continue;
      event[1] &= ~kFdClose;
      if (event[1] == 0) event[0] = 0;
    }
  }

 private:
  int32_t* words_;
};

}  // namespace ics
