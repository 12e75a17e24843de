// Sockets on their way from one loop (thread) to another: the parking lot of the process.
//
//  - A descriptor has exactly one owner at every moment: a loop's table, or this lot.
//  - A token is given out once and can be redeemed once, by any thread.
//  - Nobody waits for ever: what nobody fetches in its time is closed by the next call of park(),
//    take() or expire(), whichever thread makes it.
//  - The shared lot is never destroyed: threads may end at any moment, in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "connection.h"

namespace ics {

// A socket in the lot.
struct Parked {
  std::unique_ptr<Connection> connection;
  uint64_t due = UINT64_MAX;  // microseconds of sys::monotonicMicroseconds()
};

class ParkingLot {
 public:
  static ParkingLot& shared();

  ParkingLot() = default;
  ~ParkingLot() = delete;
  ParkingLot(const ParkingLot&) = delete;
  ParkingLot& operator=(const ParkingLot&) = delete;

  // A token (> 0), or -ENOMEM; `connection` is moved from only with a token. lifeMs 0: no limit.
  int park(std::unique_ptr<Connection>& connection, uint32_t lifeMs);
  // Without a connection: no such token, it was taken already, or its time is over.
  Parked take(int token);
  // What was taken and could not be used goes back under its token, for the time it had left.
  int putBack(int token, Parked& parked);
  // Closes what nobody has fetched in time. Milliseconds until the next one is due, -1: none.
  int64_t expire();
  size_t count();

 private:
  int64_t expireLocked(uint64_t now);

  std::mutex mutex_;
  std::unordered_map<int, Parked> places_;
  uint64_t nextDue_ = UINT64_MAX;
  int lastToken_ = 0;
  bool pinned_ = false;
};

// Closes the descriptor of a connection no poller knows, and frees what it holds.
void closeParked(Connection& connection);

}  // namespace ics
