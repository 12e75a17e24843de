// An application above the core that keeps the contracts the TypeScript layers keep (who calls what
// after which event), and otherwise does what the fuzzer's bytes say. It compares everything it
// reads and everything the fake kernel was given with what it must be.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fakeKernel.h"
#include "input.h"
#include "loop.h"

namespace ics::fuzz {

// A socket of the application.
struct Socket {
  int loop = 0;
  int32_t handle = 0;
  File* file = nullptr;
  bool listener = false;
  bool datagram = false;
  bool connected = false;
  bool line = false;    // line mode
  bool edited = false;  // line editing: what is read is not what came
  bool filtered = false;
  bool paused = false;
  bool suspended = false;
  bool limited = false;      // has an allowance
  bool ended = false;        // the peer's end was told
  bool gaveUp = false;       // input was left unread although the end was told
  bool lost = false;         // its descriptor was closed behind the core's back
  bool resumeInput = false;  // a message to itself: go on with buffered input
  bool retry = false;        // a timer: flush again
  bool drops = false;        // output was thrown away
  int endError = 0;
  int32_t pending = 0;  // accepted, not adopted
  int parked = 0;       // token
  bool received = false;
  int more = 0;
  size_t read = 0;  // bytes of file->given, or datagrams
  std::string sent;
};

// A loop with the memory that JavaScript shares with it otherwise.
struct Reactor {
  std::vector<int32_t> words = std::vector<int32_t>(EventQueue::kWords);
  std::vector<int32_t> stops = std::vector<int32_t>(Loop::kLineBatch);
  Totals totals;
  std::unique_ptr<Loop> loop;

  const CallInfo& info() const {
    return *reinterpret_cast<const CallInfo*>(words.data() + kCallInfoAt);
  }
};

class Application {
 public:
  static constexpr int kLoops = 2;

  explicit Application(Input& input);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  void step();    // one thing the bytes say
  void settle();  // everybody behaves from now on; nothing may be lost, left or repeated

 private:
  using Operation = void (Application::*)(Socket&);

  Socket* any();
  int anyLoop();
  Loop& loopOf(const Socket& socket) { return *reactors_[socket.loop].loop; }
  Reactor& reactorOf(const Socket& socket) { return reactors_[socket.loop]; }
  Socket* byHandle(int loop, int32_t handle);
  Socket& own(int loop, int32_t handle);
  void forget(Socket& socket);
  void verify(Socket& socket);
  void describe(const Socket& socket);
  void verifyAll();
  void verifyNews();

  // What the application does.
  void listen();
  void connect();
  void openDatagrams();
  void act(Socket& socket);
  void send(Socket& socket);
  void sendReserved(Socket& socket);
  void sendDatagram(Socket& socket);
  void flush(Socket& socket);
  void close(Socket& socket, CloseHow how);
  void pause(Socket& socket, bool on);
  void suspend(Socket& socket, bool on);
  void lineMode(Socket& socket, bool on);
  void lineEnd(Socket& socket);
  void clear(Socket& socket);
  void filter(Socket& socket);
  void allow(Socket& socket, int32_t bytes);
  void shutdown(Socket& socket);
  void park(Socket& socket);
  void unpark(Socket& socket);
  void acceptOne(Socket& socket);
  void closeBehind(Socket& socket);
  void look(Socket& socket);

  // What the peers do.
  void peer();
  std::string stream();

  // Dispatch.
  bool pump(int loop);
  void dispatch(int loop, int32_t handle, int32_t bits, int32_t error);
  void onConnect(Socket& socket, int error);
  void onClose(Socket& socket, int error);
  void deliver(Socket& socket, bool ending);
  void deliverAll(Socket& socket);
  void deliverRaw(Socket& socket, bool ending);
  void deliverLines(Socket& socket);
  void deliverDatagrams(Socket& socket);
  bool pullInput(Socket& socket);
  bool handler(Socket& socket);
  bool readLine(Socket& socket);
  bool readBatch(Socket& socket, const TextView& text);
  bool takeSome(Socket& socket);
  bool takeText(Socket& socket, int flags);
  bool takeDatagram(Socket& socket);
  const File::Letter& nextLetter(const Socket& socket) const;
  void took(Socket& socket, const uint8_t* data, size_t size);
  void compare(const Socket& socket, const uint8_t* data, size_t size) const;
  void leave(Socket& socket);
  bool isAlive(const Socket* socket, int32_t handle) const;

  Input& in_;
  Kernel& kernel_ = Kernel::get();
  Reactor* reactors_;
  std::vector<std::unique_ptr<Socket>> sockets_;
  std::vector<std::unique_ptr<Socket>> gone_;
  size_t given_ = 0;
  bool settling_ = false;
  int onlyLoop_ = -1;
  std::vector<uint8_t>& scratch_;
};

}  // namespace ics::fuzz
