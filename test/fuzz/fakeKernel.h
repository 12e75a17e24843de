// A kernel in memory: descriptors, TCP and UDP sockets as Linux treats them, and an edge-triggered
// readiness mechanism. fakeSys.cc and fakePoller.cc give it to the core in place of the real one;
// the peer's side is driven by the fuzz target. It ends the process when the core breaks a rule:
//
//  - no call with a descriptor that is closed, unless somebody else closed it behind the core's
//  back;
//  - each descriptor is closed once, by its owner, and outside every poller;
//  - a socket is in one poller at most;
//  - the bytes that are sent are those the application has given, in order.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "address.h"
#include "poller.h"

namespace ics::fuzz {

enum class FileKind : uint8_t { Stream, Datagram, Null, WakeUp };
enum class StreamState : uint8_t { Fresh, Listening, Connecting, Established, Over };

// Calls that can be made to fail once.
enum class Call : uint8_t { Open, Accept, OpenNull, Bind, Listen, Send, PollerAdd, Count };

struct File {
  int id = 0;
  FileKind kind = FileKind::Stream;
  StreamState state = StreamState::Fresh;
  bool foreign = false;  // belongs to somebody else: the core must never close it
  Address local;
  Address peer;

  // From the peer. The urgent byte is not among them: it stands in front of the one at `mark`.
  std::string given;
  size_t taken = 0;
  size_t mark = SIZE_MAX;
  bool fin = false;
  bool shutRead = false;
  bool shutWrite = false;
  int error = 0;  // SO_ERROR

  // To the peer.
  const std::string* expected = nullptr;  // what the application has sent so far
  size_t accepted = 0;
  size_t room = 4096;
  bool noSpace = false;  // somebody found it full: room is told

  std::deque<int> backlog;  // ids of files
  struct Letter {
    std::string text;
    uint16_t from;
  };
  std::deque<Letter> letters;  // unread
  std::vector<Letter> allLetters;
  size_t lettersSent = 0;

  // The poller that has it.
  const void* poller = nullptr;
  uint8_t interest = 0;
  int32_t handle = 0;
  bool ready = false;

  bool open = false;  // has a descriptor
  bool closed = false;

  size_t unread() const { return given.size() - taken; }
  bool markAhead() const { return mark != SIZE_MAX && mark >= taken; }
  uint8_t readiness() const;
};

class Kernel {
 public:
  static Kernel& get();
  void reset();

  // For the core.
  int open(FileKind kind);
  File* find(int fd);  // nullptr: closed behind the core's back; otherwise it must be open
  int close(int fd);
  int failure(Call call);  // 0 or the injected -errno
  uint64_t now = 1000000;

  // For the target.
  File& file(int id) { return *files_[static_cast<size_t>(id)]; }
  File& fileOf(int fd);
  File& make(FileKind kind);
  int attach(File& file);  // a descriptor for it
  bool connectTo(File& listener);
  void give(File& file, const std::string& text);
  void giveUrgent(File& file);
  void finish(File& file);
  void breakOff(File& file, int error);
  void decide(File& file, int error);  // how a connection attempt ends
  void drain(File& file, size_t count);
  void deliver(File& file, const std::string& text, uint16_t from);
  void closeBehind(int fd);
  void inject(Call call, int error) { failures_[static_cast<size_t>(call)] = error; }
  void injectNothing() { failures_.fill(0); }
  void wake(File& file, uint8_t what);  // 0: whatever it waits for
  size_t openDescriptors() const;
  size_t ownDescriptors() const;  // of the core
  int wait(const void* poller, Ready* ready, int capacity);

 private:
  std::vector<std::unique_ptr<File>> files_;
  std::vector<File*> descriptors_;
  std::set<int> stolen_;  // numbers closed behind the core's back
  std::array<int, static_cast<size_t>(Call::Count)> failures_{};
};

}  // namespace ics::fuzz
