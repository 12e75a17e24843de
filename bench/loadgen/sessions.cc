// Modes "churn", "burst" and "idle": many connections, one message each.
//
//   churn  N sessions in parallel: connect, echo, FIN, wait for the server's
//          FIN, next. The client ends first, as most clients do.
//   burst  N connects at once; the time until the last of them has its echo.
//          Then all end as in churn; `count` bursts after each other.
//   idle   N connections, each echoed once, held until stdin ends.

#include "sessions.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <vector>

namespace loadgen {

namespace {

// One connection on its way through connect, echo and end. The events are edge
// triggered and registered once, so step() goes on until the kernel says wait.
class Session {
 public:
  enum class Stage { kSending, kReceiving, kEchoed, kEnding, kEnded };

  void start(Epoll& epoll, const Options& options, const Pattern& pattern, size_t number) {
    fd_ = startConnect(options.port, number);
    data_ = pattern.at(pattern.start(number));
    size_ = static_cast<size_t>(options.size);
    done_ = 0;
    stage_ = Stage::kSending;
    epoll.add(fd_, EPOLLIN | EPOLLOUT | EPOLLET, this);
  }

  // Does what is possible now. Stops at kEchoed: the mode decides what follows.
  Stage step() {
    if (stage_ == Stage::kSending) send();
    if (stage_ == Stage::kReceiving) receiveEcho();
    if (stage_ == Stage::kEnding) receiveEnd();
    return stage_;
  }

  Stage stage() const { return stage_; }

  // FIN. The session has ended when the FIN of the server is here.
  Stage finish() {
    ::shutdown(fd_, SHUT_WR);
    stage_ = Stage::kEnding;
    return step();
  }

 private:
  void send() {
    const ssize_t sent = transmit(fd_, data_ + done_, size_ - done_);
    if (sent > 0) done_ += static_cast<size_t>(sent);
    if (done_ < size_) return;
    done_ = 0;
    stage_ = Stage::kReceiving;
  }

  void receiveEcho() {
    static char buffer[64 * 1024];
    while (done_ < size_) {
      const ssize_t got = receive(fd_, buffer, sizeof buffer);
      if (got < 0) return;
      if (got == 0) fail("the server closed before it answered");
      const auto length = static_cast<size_t>(got);
      if (done_ + length > size_) fail("more bytes came back than were sent");
      if (std::memcmp(buffer, data_ + done_, length) != 0) fail("wrong bytes came back");
      done_ += length;
    }
    stage_ = Stage::kEchoed;
  }

  void receiveEnd() {
    char extra;
    const ssize_t got = receive(fd_, &extra, 1);
    if (got < 0) return;
    if (got > 0) fail("unexpected byte after the answer");
    ::close(fd_);
    fd_ = -1;
    stage_ = Stage::kEnded;
  }

  int fd_ = -1;
  const char* data_ = nullptr;
  size_t size_ = 0;
  size_t done_ = 0;
  Stage stage_ = Stage::kEnded;
};

// Sessions that share an epoll set. `onStage` hears once about every session
// that reaches kEchoed or kEnded by an event; an edge may be reported late, when
// the step before it has already read the data.
class Sessions {
 public:
  using OnStage = std::function<void(Session&, Session::Stage)>;

  explicit Sessions(const Options& options)
      : options_(options),
        pattern_(Pattern::bytes(static_cast<size_t>(options.size))),
        sessions_(static_cast<size_t>(options.connections)) {}

  void start(Session& session) { session.start(epoll_, options_, pattern_, started_++); }

  void handleEvents(const OnStage& onStage) {
    const int count = epoll_.wait();
    for (int i = 0; i < count; i++) {
      auto& session = *static_cast<Session*>(epoll_.tag(i));
      const Session::Stage before = session.stage();
      const Session::Stage stage = session.step();
      if (stage == before) continue;
      if (stage == Session::Stage::kEchoed || stage == Session::Stage::kEnded) {
        onStage(session, stage);
      }
    }
  }

  std::vector<Session>& all() { return sessions_; }
  size_t started() const { return started_; }

 private:
  const Options& options_;
  const Pattern pattern_;
  std::vector<Session> sessions_;
  Epoll epoll_;
  size_t started_ = 0;
};

void printResult(const Options& options, size_t messages, double seconds, const char* rest) {
  std::printf(
      "{\"mode\":\"%s\",\"messages\":%zu,\"bytes\":%zu,\"seconds\":%.6f,%s"
      "\"verified\":true}\n",
      options.mode.c_str(), messages, messages * static_cast<size_t>(options.size), seconds, rest);
  std::fflush(stdout);
}

// A session that runs from its first connect to its end without a pause.
class Churn {
 public:
  explicit Churn(const Options& options) : options_(options), sessions_(options) {}

  size_t run(double deadline) {
    for (Session& session : sessions_.all()) sessions_.start(session);
    size_t active = sessions_.all().size();
    const auto limit = static_cast<size_t>(options_.count);
    while (active > 0) {
      const bool expired = now() >= deadline;
      sessions_.handleEvents([&](Session& session, Session::Stage stage) {
        if (stage == Session::Stage::kEchoed) stage = session.finish();
        if (stage != Session::Stage::kEnded) return;
        if (expired || (limit > 0 && sessions_.started() >= limit)) {
          active--;
        } else {
          sessions_.start(session);
        }
      });
    }
    return sessions_.started();
  }

 private:
  const Options& options_;
  Sessions sessions_;
};

double burst(const Options& options, Sessions& sessions) {
  const double begin = now();
  for (Session& session : sessions.all()) sessions.start(session);
  size_t open = sessions.all().size();
  while (open > 0) {
    sessions.handleEvents([&](Session&, Session::Stage) { open--; });
  }
  const double milliseconds = (now() - begin) * 1000;

  open = static_cast<size_t>(options.connections);
  for (Session& session : sessions.all()) {
    if (session.finish() == Session::Stage::kEnded) open--;
  }
  while (open > 0) {
    sessions.handleEvents([&](Session&, Session::Stage stage) {
      if (stage == Session::Stage::kEnded) open--;
    });
  }
  return milliseconds;
}

}  // namespace

void runChurn(const Options& options) {
  Churn churn(options);
  waitForGo(options);
  const double begin = now();
  const size_t cycles = churn.run(begin + options.seconds);
  printResult(options, cycles, now() - begin, "");
  waitForEnd(options);
}

void runBurst(const Options& options) {
  Sessions sessions(options);
  const long bursts = std::max(1L, options.count);
  waitForGo(options);
  const double begin = now();
  std::string times;
  for (long i = 0; i < bursts; i++) {
    char text[32];
    std::snprintf(text, sizeof text, "%s%.3f", i == 0 ? "" : ",", burst(options, sessions));
    times += text;
  }
  const std::string rest = "\"milliseconds\":[" + times + "],";
  printResult(options, sessions.started(), now() - begin, rest.c_str());
  waitForEnd(options);
}

void runIdle(const Options& options) {
  // Less than the listen queue of any server at once: filling is not a burst.
  constexpr size_t kAtOnce = 128;
  Sessions sessions(options);
  waitForGo(options);
  const double begin = now();
  const size_t total = sessions.all().size();
  size_t echoed = 0;
  while (echoed < total) {
    while (sessions.started() < total && sessions.started() - echoed < kAtOnce) {
      sessions.start(sessions.all()[sessions.started()]);
    }
    sessions.handleEvents([&](Session&, Session::Stage) { echoed++; });
  }
  printResult(options, total, now() - begin, "");
  waitForEnd(options);
}

}  // namespace loadgen
