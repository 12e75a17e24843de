// One socket as the core sees it: listening, accepted and waiting for its owner, or connected.
// A plain record: what may be done with it, and when, is decided in Loop. It is kept small
// (an idle connection costs this record and nothing else) and is never seen outside the core.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "address.h"
#include "lineScanner.h"
#include "recvBuffer.h"
#include "sendQueue.h"

namespace ics {

enum class SocketKind : uint8_t {
  Free,   // a slot of the table that holds no socket
  Bound,  // has an address, does not listen yet
  Listening,
  Accepted,    // taken from a listener, not yet adopted by an owner
  Connecting,  // the kernel will tell how it ends
  Connected,
  Datagram,  // UDP: no connection, `peer` is where send() goes
};

// What a UDP socket needs beside that: a datagram that was taken to know whether there is one.
struct DatagramState {
  Address sender;
  size_t size = 0;  // of the datagram in Connection::input
  bool held = false;
};

constexpr int32_t kUnlimited = -1;

struct Connection {
  int fd = -1;
  int32_t handle = 0;  // slot and generation; what the world outside knows
  SocketKind kind = SocketKind::Free;
  uint8_t interest = 0;    // what the poller was told
  bool registered : 1;     // is in the poller
  bool suspended : 1;      // taken out of the poller by its owner (ThreadDetach)
  bool paused : 1;         // owner wants no input
  bool readPending : 1;    // input was reported and not touched since
  bool looked : 1;         // RcvdCount or PeekData told how much waits (staleBytes)
  bool edgeWait : 1;       // input was reported, ignored: only new bytes count (staleBytes)
  bool drained : 1;        // the last read got less than asked: nothing waits in the kernel
  bool writeWanted : 1;    // the kernel was full; waiting for room
  bool closeReported : 1;  // kFdClose was queued
  bool errorReported : 1;  // … with an error
  bool sawEnd : 1;         // read() returned 0: the peer's FIN was taken
  bool urgent : 1;         // the peer sent urgent bytes: reads stop short in front of them
  bool finishing : 1;      // the session is ending: an incomplete character may be read
  bool listed : 1;         // in Loop's list of those the kernel does not report again
  bool finPending : 1;     // Shutdown(1) waits for the send queue
  bool filtered : 1;       // a TLS filter sits between the kernel and `input`
  bool broken : 1;         // closeError is to be told though the poller has nothing to tell
  bool lost : 1;           // the descriptor was closed behind our back and its number reused
  uint8_t heldBack = 0;    // bytes of an incomplete UTF-8 sequence at the end of `input`
  int closeError = 0;      // positive errno the close event will carry
  uint64_t fileId = 0;     // of a socket that has left the poller; 0: not asked for
  uint32_t staleBytes = 0;
  uint32_t lineLeft = 0;  // unread bytes of the current line, 0: no current line
  Address peer;
  LineScanner scanner;
  RecvBuffer input;
  SendQueue output;
  std::unique_ptr<std::string> lineEnd;     // none: CR LF
  std::unique_ptr<DatagramState> datagram;  // kind Datagram only
  int32_t allowance = kUnlimited;  // bytes that may still be moved until setAllowance() is called
  uint64_t readCount = 0;
  uint64_t writeCount = 0;

  Connection() { resetFlags(); }

  void resetFlags() {
    registered = suspended = paused = readPending = looked = edgeWait = drained = false;
    writeWanted = closeReported = errorReported = sawEnd = urgent = finishing = listed =
        finPending = lost = false;
    filtered = broken = false;
  }
};

}  // namespace ics
