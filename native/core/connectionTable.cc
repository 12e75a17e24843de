#include "connectionTable.h"

#include <new>

namespace ics {

Connection* ConnectionTable::allocate() {
  try {
    if (free_.empty()) {
      if (used_ > static_cast<size_t>(kSlotMask)) return nullptr;
      if (used_ == chunks_.size() * kChunk) {
        free_.reserve(used_ + kChunk);  // so that release() never allocates
        chunks_.push_back(std::unique_ptr<Connection[]>(new Connection[kChunk]));
      }
      Connection& fresh = at(used_);
      fresh.handle = static_cast<int32_t>(used_) | 1 << kSlotBits;
      ++used_;
      return &fresh;
    }
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  Connection& recycled = at(free_.back());
  free_.pop_back();
  return &recycled;
}

void ConnectionTable::release(Connection& connection) {
  const int32_t slot = connection.handle & kSlotMask;
  int32_t generation = (connection.handle >> kSlotBits) + 1;
  if (generation > kMaxGeneration) generation = 1;
  connection.handle = slot | generation << kSlotBits;
  connection.kind = SocketKind::Free;
  connection.fd = -1;
  connection.interest = 0;
  connection.heldBack = 0;
  connection.closeError = 0;
  connection.fileId = 0;
  connection.staleBytes = 0;
  connection.lineLeft = 0;
  connection.peer = Address();
  connection.scanner.reset();
  connection.lineEnd.reset();
  connection.datagram.reset();
  connection.allowance = kUnlimited;
  connection.readCount = 0;
  connection.writeCount = 0;
  connection.resetFlags();
  free_.push_back(static_cast<uint32_t>(slot));
}

bool ConnectionTable::own(int fd, Connection& connection) {
  try {
    if (owners_.size() <= static_cast<size_t>(fd)) owners_.resize(static_cast<size_t>(fd) + 64, 0);
  } catch (const std::bad_alloc&) {
    return false;
  }
  if (ownerOf(fd) != &connection) dispossess(fd);
  owners_[static_cast<size_t>(fd)] = connection.handle;
  return true;
}

void ConnectionTable::dispossess(int fd) {
  Connection* previous = ownerOf(fd);
  if (!previous) return;
  previous->lost = true;
  previous->registered = false;
  previous->fd = -1;
  disown(fd);
}

void ConnectionTable::disown(int fd) {
  if (fd >= 0 && static_cast<size_t>(fd) < owners_.size()) owners_[static_cast<size_t>(fd)] = 0;
}

Connection* ConnectionTable::ownerOf(int fd) {
  if (fd < 0 || static_cast<size_t>(fd) >= owners_.size()) return nullptr;
  const int32_t handle = owners_[static_cast<size_t>(fd)];
  return handle == 0 ? nullptr : find(handle);
}

}  // namespace ics
