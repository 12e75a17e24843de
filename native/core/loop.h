// The reactor of one thread: its sockets, its poller and its event queue. Knows nothing of Node.
//
//  - Every function answers with a value: >= 0, or -errno. Nothing throws, nothing calls back.
//  - Sockets are named by handles (ConnectionTable). A handle that is over answers -EBADF.
//  - poll() only collects events; the application runs between two calls of the core, never
//    inside one, so a handler may close or free whatever it likes.
//
// ICS: what WSAAsyncSelect, the send buffer and line mode do in OverbyteIcsWSocket.pas.
#pragma once

#include <sys/types.h>

#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "connectionTable.h"
#include "counters.h"
#include "eventQueue.h"
#include "poller.h"
#include "resolver.h"

namespace ics {

enum ReceiveFlag : int {
  kPeek = 1,   // leave the bytes where they are
  kLine = 2,   // line mode: at most the rest of the current line
  kBytes = 4,  // text(): one character per byte, nothing is held back
};

enum LineFlag : int {
  kEdit = 1,  // LineEdit
  kEcho = 2,  // LineEcho: collect what the terminal must show, see takeEcho()
};

enum class CloseHow : int {
  Graceful = 0,  // what the kernel holds is delivered, then FIN
  Reset = 1,     // the peer sees a reset
};

// Facts beside a return value, valid until the next call. They lie in the header of the event
// queue's words (from word kCallInfoAt on), because the layers above read them without a call.
struct CallInfo {
  int32_t queued = 0;   // bytes in the send queue after a send, flush or close (there: dropped)
  int32_t written = 0;  // bytes the kernel took in this call
  int32_t more = 0;     // MoreBits after a receiving call
  int32_t retry = 0;    // send, flush: the system is short of memory, flush() again a little later
  // adopt: 1 for UDP; takeLines: lines; nextLine: buffered bytes when the limit was passed;
  // sendText: its result
  int32_t count = 0;
  int32_t pending = 0;  // at all times: connections whose input only the next poll() reports
};
constexpr size_t kCallInfoAt = 2;

// What the caller of a very frequent function writes beside those words instead of passing it: each
// argument that is passed makes the crossing from JavaScript slower.
struct CallArguments {
  int32_t handle = 0;
  int32_t flags = 0;
};
constexpr size_t kCallArgumentsAt = 8;
static_assert(kCallInfoAt + sizeof(CallInfo) / sizeof(int32_t) <= kCallArgumentsAt);
static_assert(kCallArgumentsAt + sizeof(CallArguments) / sizeof(int32_t) <= EventQueue::kHeader);

// Totals of a connection so far, after totals() and close().
struct Totals {
  double read = 0;
  double written = 0;
};

enum MoreBits : int {
  kMoreInput = 1,   // input may be waiting beyond what was just read, or the current line
  kMoreOfLine = 2,  // the current line is not read to its end
};

// Text found by takeText(): bytes and how to read them; valid until the next call.
struct TextView {
  const uint8_t* data = nullptr;
  size_t size = 0;
  bool ascii = false;
  uint8_t tail = 0;       // bytes behind the text that stay buffered
  bool buffered = false;  // the bytes lie in the connection's buffer, not in the scratch block
};

// A descriptor in no poller that was closed behind our back: its number stands for something else.
bool isForeign(const Connection& connection);
// Closes the descriptor of a connection that is in no poller.
void closeDescriptor(const Connection& connection, CloseHow how);

// Room at the tail of a send queue; valid until the next call. False: there is none.
struct OutputRoom {
  Connection* connection = nullptr;
  uint8_t* at = nullptr;
  size_t size = 0;
  explicit operator bool() const { return at != nullptr; }
};

class Loop {
 public:
  static constexpr size_t kFlushAt = 64 * 1024;  // coalesced output goes out at this size
  static constexpr size_t kScratch = 64 * 1024;
  static constexpr size_t kDiscardLimit = 1 << 20;  // unread input thrown away by a close
  static constexpr size_t kLineBatch = 4096;        // a kept line keeps its batch in memory
  static constexpr size_t kMaxQueue = 0x7fffffff;   // bytes of one send queue
  static constexpr int kFillsPerCall = 16;          // reads per nextLine(), 1 MiB
  static constexpr int32_t kLookupHandle = 0;       // of lookup events; no socket has it

  // Shared memory that outlives the loop; `words`: EventQueue::kWords, `stops`: kLineBatch.
  Loop(int32_t* words, int32_t* stops, Totals& totals)
      : queue_(words),
        info_(*new (words + kCallInfoAt) CallInfo()),
        arguments_(*new (words + kCallArgumentsAt) CallArguments()),
        totals_(totals),
        stops_(stops) {}
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  int open();
  bool hasListed() const { return !listed_.empty(); }
  int pollDescriptor() const { return poller_->descriptor(); }

  // Collects events when the queue is empty; returns how many are queued. timeoutMs -1: no limit.
  int poll(int timeoutMs);

  // Listening (listener.cc).
  // sharePort: other listeners that say the same may have this address and port, too.
  int bind(const Address& address, bool sharePort = false);
  int listen(int32_t handle, int backlog);
  // The handle of a connection that waits for adopt(); -EAGAIN: nobody waits; -ECONNABORTED: one
  // was there and is gone; -EMFILE, -ENFILE, -ENOBUFS, -ENOMEM: one was refused for lack of
  // resources, by means of a reserve descriptor.
  int accept(int32_t handle);

  // Outgoing (outgoing.cc). A socket is opened, bound to a local address if asked for, and then
  // connects (kFdConnect tells how that ends) or exchanges datagrams with `target` and others.
  int openSocket(int family, bool datagram);
  int bindLocal(int32_t handle, const Address& address);
  int connect(int32_t handle, const Address& address);
  int startDatagrams(int32_t handle, const Address& target);
  // Bytes that may be moved until the next call, both directions together; kUnlimited: any number.
  // The caller flushes what is queued. Reading ends to be limited when the peer's end was told.
  void setAllowance(int32_t handle, int32_t bytes);

  // Datagrams (datagram.cc).
  ssize_t receiveFrom(int32_t handle, uint8_t* to, size_t size, int flags, Address& sender);
  int sendTo(int32_t handle, const uint8_t* from, size_t size, const Address& target);

  // Owning (loop.cc). adopt() takes an accepted or foreign socket: -EBADF, -ENOTSOCK, -EINVAL
  // when another owner has it. After a failure the descriptor is as it was.
  int adopt(int fd);
  int close(int32_t handle, CloseHow how);
  int shutdown(int32_t handle, int how);
  int pause(int32_t handle, bool on);
  // Both: -ENOMEM when the poller has no room for a socket that comes back to it; suspend(false)
  // then changes nothing.
  int suspend(int32_t handle, bool on);

  // To another thread (transfer.cc). park() takes a listening, connected or datagram socket out of
  // this loop without closing it: a token for unpark() of any loop, -EOPNOTSUPP with a filter,
  // -EINVAL, -EBADF. Its handle is over then. unpark() gives it a new one (info_.queued,
  // info_.count: SocketKind) and tells again whatever waits; -ENOENT: the token is used or its time
  // is over.
  int park(int32_t handle, uint32_t lifeMs);
  int unpark(int token);

  // Input (receive.cc).
  ssize_t receive(int32_t handle, uint8_t* to, size_t size, int flags);
  // Everything that is there as one text: > 0, 0 when the peer has finished, or -errno. An
  // incomplete UTF-8 sequence at its end stays in the buffer. dropText() must follow.
  int takeText(int32_t handle, int flags, TextView& text);
  void dropText(int32_t handle, const TextView& text);
  int available(int32_t handle, int flags);
  int more(int32_t handle);      // 1: there is input a handler could read
  int buffered(int32_t handle);  // 1: some of it is in our buffer, so the poller is silent
  // The handler of a read event took nothing: it is told again when there are new bytes.
  int ignored(int32_t handle);
  int nextLine(int32_t handle, size_t limit, int flags);
  // Like nextLine() without flags, but when the lines are ASCII, `text` gets all complete ones
  // (kLineBatch bytes at most) and the shared stops where each of them ends; they stay in the
  // buffer. After walking them takenLines() must be called: `count` bytes were read, and the next
  // `current` bytes are the unread current line.
  int takeLines(int32_t handle, size_t limit, TextView& text);
  int takenLines(int32_t handle, size_t count, size_t current);

  // A filter (TLS) between the kernel and the application: from now on input comes by pushInput()
  // only (with kEdit and kEcho as by nextLine()), and receiveRaw() is the filter's own way to the
  // kernel. Returns how many bytes were waiting in the buffer: they belong to neither and are
  // thrown away.
  int setFilter(int32_t handle, bool on);
  ssize_t receiveRaw(int32_t handle, uint8_t* to, size_t size);
  int pushInput(int32_t handle, const uint8_t* from, size_t size, int flags);

  // The session is ending: what is buffered may be read although it is incomplete (a cut UTF-8
  // sequence; with kLine the bytes behind the last line end become a line). Returns how many are
  // buffered.
  int finishInput(int32_t handle, int flags);
  int leaveLine(int32_t handle);
  int clearInput(int32_t handle);
  int setLineEnd(int32_t handle, std::string_view lineEnd);
  std::string& takeEcho() { return echo_; }

  // Output (send.cc). `collect`: 0 the kernel is tried at once, kCollect when there is enough of
  // it, kQueueOnly not at all.
  static constexpr int kCollect = 1;
  static constexpr int kQueueOnly = 2;
  int send(int32_t handle, const uint8_t* from, size_t size, int collect);
  // Room at the queue's tail for a text that the caller writes there; commit() follows, or nothing.
  OutputRoom reserve(int32_t handle, size_t size);
  // What is free at the queue's tail; commit() or leave() follows.
  OutputRoom spare(int32_t handle);
  int commit(const OutputRoom& room, size_t size, int collect);
  void leave(const OutputRoom& room);
  int flush(int32_t handle);
  int dropOutput(int32_t handle);

  // Names (lookup.cc, contracts as in ResolverClient). Answers come as events with kFdLookup.
  int lookup(std::string_view name, int family);  // AF_INET, AF_INET6 or AF_UNSPEC
  int reverseLookup(const Address& address);      // -EINVAL: no address
  int cancelLookup(int id);
  int takeLookup(int id, LookupResult& result);

  int descriptorOf(int32_t handle);
  int failure(int32_t handle);  // errno the connection broke with as far as is known, 0: none
  int totals(int32_t handle);
  Connection* find(int32_t handle) { return table_.find(handle); }
  const CallArguments& arguments() const { return arguments_; }
  void tellCount(int32_t count) { info_.count = count; }
  uint8_t* scratch() { return scratch_.get(); }
  const Counters& counters() const { return counters_; }

 private:
  void collect(const Ready& ready);
  bool hasInput(Connection& connection, uint8_t flags);
  bool kernelHasInput(Connection& connection);
  void collectInput(Connection& connection, int32_t& bits);
  void report(Connection& connection, int32_t& bits);
  void list(Connection& connection);
  void collectListed();
  void collectConnect(Connection& connection, uint8_t flags);
  void collectDatagram(Connection& connection, uint8_t flags);
  bool isOwnPeer(const Connection& connection) const;
  ssize_t takeDatagram(Connection& connection);
  void tookDatagram(Connection& connection);
  int holdDatagram(Connection& connection);
  void dropDatagram(Connection& connection);
  ssize_t receiveDatagram(Connection& from, uint8_t* to, size_t size, int flags);
  int datagramText(Connection& from, TextView& text);
  int sendDatagram(Connection& connection, const uint8_t* from, size_t size, const Address& target);
  void unlist(Connection& connection);
  size_t mayRead(const Connection& connection, size_t wanted) const;
  void spend(Connection& connection, size_t bytes);
  void broke(Connection& connection, int error);
  void noteSeen(Connection& connection, int unread);
  void quiet(Connection& connection, uint8_t flags);
  void setInterest(Connection& connection, uint8_t interest);
  void touched(Connection& connection);
  void updateWrite(Connection& connection, bool wanted);
  uint8_t wantedInterest(const Connection& connection) const;
  void settleBlocks();
  void noteBlock(Connection& connection);
  Connection* take(int fd, SocketKind kind);
  void releaseSocket(Connection& connection, CloseHow how);
  bool leavePoller(Connection& connection);
  bool stayOutside(Connection& connection);
  int refuseOne(int listener, int error);
  ssize_t fill(Connection& connection, int flags);
  bool overLimit(const Connection& connection, size_t limit);  // true: info_ describes it
  ssize_t readKernel(Connection& connection, uint8_t* to, size_t size);
  ssize_t readSocket(Connection& connection, uint8_t* to, size_t size);
  void consumeInput(Connection& connection, size_t count);
  void noteMore(const Connection& connection);
  int rawText(Connection& connection, TextView& text);
  int growText(Connection& connection);
  int flushQueue(Connection& connection);
  int finishSend(Connection& connection, int collect);
  int startLookup(LookupRequest request);
  void collectLookups();
  std::string_view lineEndOf(const Connection& connection) const;

  std::unique_ptr<Poller> poller_;
  ConnectionTable table_;
  EventQueue queue_;
  BlockPool pool_;
  std::vector<int32_t> listed_;
  std::vector<int32_t> blockHolders_;
  std::unique_ptr<uint8_t[]> scratch_;
  std::string echo_;
  std::vector<Ready> ready_;
  CallInfo& info_;
  const CallArguments& arguments_;
  Totals& totals_;
  int32_t* stops_;
  Counters counters_;
  int reserve_ = -1;
  Address sender_;                            // of the datagram that was read last
  std::unique_ptr<ResolverClient> resolver_;  // from the first lookup on
  bool lookupsArrived_ = false;
};

}  // namespace ics
