// Handle ↔ connection. A handle is slot | generation << 20 and always positive; the generation
// changes with every release, so an old handle finds nobody, even when slot and descriptor are in
// use again. Also knows which handle owns which descriptor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "connection.h"

namespace ics {

class ConnectionTable {
 public:
  static constexpr int kSlotBits = 20;
  static constexpr int32_t kSlotMask = (1 << kSlotBits) - 1;
  static constexpr int32_t kMaxGeneration = (1 << (31 - kSlotBits)) - 1;

  // nullptr when 2^20 sockets are open or memory is out.
  Connection* allocate();
  void release(Connection& connection);

  Connection* find(int32_t handle) {
    const size_t slot = static_cast<size_t>(handle & kSlotMask);
    if (slot >= used_) return nullptr;
    Connection& connection = at(slot);
    return connection.handle == handle && connection.kind != SocketKind::Free ? &connection
                                                                              : nullptr;
  }

  // Records the owner of a descriptor. An older live owner must have lost the descriptor (it was
  // closed by somebody else and the number given out again): it is marked and never touches it.
  // False when out of memory.
  bool own(int fd, Connection& connection);
  void disown(int fd);
  // The system has just given out this number for something else: as in own().
  void dispossess(int fd);
  Connection* ownerOf(int fd);

  size_t open() const { return used_ - free_.size(); }
  template <typename Visit>
  void forEach(Visit visit) {
    for (size_t slot = 0; slot < used_; ++slot)
      if (at(slot).kind != SocketKind::Free) visit(at(slot));
  }

 private:
  static constexpr size_t kChunk = 256;

  Connection& at(size_t slot) { return chunks_[slot / kChunk][slot % kChunk]; }

  std::vector<std::unique_ptr<Connection[]>> chunks_;
  std::vector<uint32_t> free_;
  std::vector<int32_t> owners_;  // by descriptor; 0: nobody
  size_t used_ = 0;
};

}  // namespace ics
