// Names and addresses looked up in the background. LookupPool: the threads, one pool for the whole
// process. ResolverClient: the side of one loop, used by its thread only.
//
//  - Every started lookup has exactly one answer, unless it is cancelled.
//  - A lookup that runs cannot be interrupted. Its answer goes into a mailbox that client and
//  thread
//    share; when the client is gone, nobody opens it.
//  - The shared pool is never destroyed and its threads are detached: neither the end of an
//    environment nor that of the process waits for a name server.
//
// ICS: TIcsAsyncDnsLookup in OverbyteIcsWSocket.pas, which has one pool per calling thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "address.h"

namespace ics {

struct LookupRequest {
  std::string name;
  int family = 0;   // AF_INET, AF_INET6 or AF_UNSPEC
  Address address;  // reverse lookup, when it has a family; then name and family mean nothing
};

struct LookupResult {
  int error = 0;     // 0 or a Windows resolver number (11001 …)
  std::string text;  // addresses or names, joined by line feeds
};

class LookupPool {
 public:
  static constexpr size_t kMaxQueue = 4096;  // lookups that wait for a thread
  static constexpr int kMaxThreads = 255;    // ICS: a byte
  static constexpr int kIdleMs = 60000;

  // The pool of the process, with as many threads as there are processors.
  static LookupPool& shared();

  explicit LookupPool(int maxThreads, int idleMs = kIdleMs);
  ~LookupPool() = delete;  // its threads may be inside
  LookupPool(const LookupPool&) = delete;
  LookupPool& operator=(const LookupPool&) = delete;

  // min: threads that stay although they have nothing to do; max: threads at once, 0 means 1.
  // Values outside 0 … kMaxThreads, and a min above max, count as the nearest possible one.
  void setLimits(int min, int max);
  int threads();

 private:
  friend class ResolverClient;

  struct Job;
  struct Mailbox;
  // Jobs travel as list nodes (client → queue → thread → mailbox): finishing one takes no memory.
  using JobList = std::list<std::shared_ptr<Job>>;

  int enqueue(JobList& job);  // takes the one node; 0 or -errno
  void withdraw(Job& job);    // out of the queue if it is still there
  int addThread();
  bool waitForWork(std::unique_lock<std::mutex>& lock);
  void run();

  std::mutex mutex_;
  std::condition_variable work_;
  JobList queue_;
  int min_ = 0;
  int max_;
  int threads_ = 0;
  int busy_ = 0;  // threads inside a lookup
  const int idleMs_;
  bool pinned_ = false;
};

class ResolverClient {
 public:
  static constexpr size_t kMaxPending = 8192;  // lookups without a take() or cancel()

  explicit ResolverClient(LookupPool& pool) : pool_(pool) {}
  ~ResolverClient();
  ResolverClient(const ResolverClient&) = delete;
  ResolverClient& operator=(const ResolverClient&) = delete;

  int open();  // 0 or -errno

  // An id (> 0), or -ENOBUFS: too many lookups wait already (of all, or of this client); -EAGAIN:
  // no thread could be started; -ENOMEM.
  int start(LookupRequest request);
  // The lookup has no answer any more: 0, or -ENOENT when it had none outstanding.
  int cancel(int id);
  // Readable while answers wait for arrived().
  int descriptor() const { return readEnd_; }
  // The id of the next answer, 0: none waits. The answer itself is kept for take().
  int arrived();
  // 0 and the answer; -EAGAIN: it has not arrived; -ENOENT: no such lookup.
  int take(int id, LookupResult& result);

 private:
  int newId();

  LookupPool& pool_;
  std::shared_ptr<LookupPool::Mailbox> mailbox_;
  std::unordered_map<int, std::shared_ptr<LookupPool::Job>> pending_;
  int lastId_ = 0;
  int readEnd_ = -1;
};

}  // namespace ics
