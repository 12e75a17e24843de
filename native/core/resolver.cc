#include "resolver.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <new>
#include <utility>
#include <vector>

#include "sys.h"
#include "thread.h"

namespace ics {

namespace {

constexpr int kHostNotFound = 11001;  // WSAHOST_NOT_FOUND
constexpr int kNoData = 11004;        // WSANO_DATA
constexpr size_t kLongestName = 1024;

void lookUp(const LookupRequest& request, LookupResult& result) {
  if (request.address.family() != AF_UNSPEC) {
    result.error = sys::resolveAddress(request.address, result.text);
    return;
  }
  // C would see only the beginning of a text with NUL.
  if (request.name.empty() || request.name.find('\0') != std::string::npos) {
    result.error = kHostNotFound;
    return;
  }
  std::vector<Address> addresses;
  result.error = sys::resolveHostAll(request.name.c_str(), request.family, addresses);
  for (const Address& address : addresses) {
    if (!result.text.empty()) result.text += '\n';
    result.text += address.text();
  }
}

}  // namespace

struct LookupPool::Job {
  std::shared_ptr<Mailbox> mailbox;
  LookupRequest request;
  LookupResult result;
  int id = 0;
  JobList::iterator place;  // in the queue, guarded by the pool's mutex as is the next
  bool queued = false;
  bool arrived = false;  // the client's
};

struct LookupPool::Mailbox {
  std::mutex mutex;
  JobList answers;
  int writeEnd = -1;  // -1: the client is gone

  void deliver(JobList& job) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (writeEnd < 0) return;
    answers.splice(answers.end(), job);
    sys::wake(writeEnd);
  }
};

// In place and without a destructor call at exit: threads may still be inside then.
LookupPool& LookupPool::shared() {
  alignas(LookupPool) static unsigned char memory[sizeof(LookupPool)];
  static LookupPool* const pool = new (memory) LookupPool(sys::processorCount());
  return *pool;
}

LookupPool::LookupPool(int maxThreads, int idleMs)
    : max_(std::clamp(maxThreads, 1, kMaxThreads)), idleMs_(idleMs) {}

void LookupPool::setLimits(int min, int max) {
  const std::lock_guard<std::mutex> lock(mutex_);
  max_ = std::clamp(max, 1, kMaxThreads);
  min_ = std::clamp(min, 0, max_);
  for (size_t waiting = queue_.size(); waiting > 0 && threads_ < max_; --waiting) {
    if (addThread() < 0) break;
  }
  work_.notify_all();  // some may have to go now
}

int LookupPool::threads() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return threads_;
}

int LookupPool::enqueue(JobList& job) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (queue_.size() >= kMaxQueue) return -ENOBUFS;
  // Every thread that is not busy, woken or just starting, takes one of those that wait.
  if (queue_.size() >= static_cast<size_t>(threads_ - busy_) && threads_ < max_) {
    const int failed = addThread();
    if (failed < 0 && threads_ == 0) return failed;
  }
  Job& added = *job.front();
  added.place = job.begin();
  added.queued = true;
  queue_.splice(queue_.end(), job);
  work_.notify_one();
  return 0;
}

void LookupPool::withdraw(Job& job) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!job.queued) return;
  job.queued = false;
  queue_.erase(job.place);
}

int LookupPool::addThread() {
  if (!pinned_) keepLibraryLoaded();
  pinned_ = true;
  const auto body = [](void* pool) { static_cast<LookupPool*>(pool)->run(); };
  const int failed = startDetachedThread(body, this, "ics-lookup");
  if (failed == 0) ++threads_;
  return failed;
}

// False: the time of an idle thread is over. By the wall clock, because that is what every
// supported C++ library offers; a changed clock only makes an idle thread leave sooner or later.
bool LookupPool::waitForWork(std::unique_lock<std::mutex>& lock) {
  const auto end = std::chrono::system_clock::now() + std::chrono::milliseconds(idleMs_);
  const bool over = work_.wait_until(lock, end) == std::cv_status::timeout;
  return !over || !queue_.empty() || threads_ <= min_;
}

void LookupPool::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (threads_ <= max_) {
    if (queue_.empty()) {
      if (!waitForWork(lock)) break;
      continue;
    }
    JobList mine;
    mine.splice(mine.begin(), queue_, queue_.begin());
    Job& job = *mine.front();
    job.queued = false;
    ++busy_;
    lock.unlock();
    try {
      lookUp(job.request, job.result);
    } catch (const std::bad_alloc&) {
      job.result.error = kNoData;  // what the system's own lack of memory is reported as
      job.result.text.clear();
    }
    // First free, then the answer: who asks again at once needs no second thread.
    lock.lock();
    --busy_;
    lock.unlock();
    const std::shared_ptr<Mailbox> mailbox = job.mailbox;
    mailbox->deliver(mine);
    mine.clear();
    lock.lock();
  }
  --threads_;
  if (!queue_.empty()) work_.notify_one();  // the call that woke this one was meant for a worker
}

int ResolverClient::open() {
  try {
    mailbox_ = std::make_shared<LookupPool::Mailbox>();
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
  return sys::openWakeUp(readEnd_, mailbox_->writeEnd);
}

ResolverClient::~ResolverClient() {
  for (const auto& [id, job] : pending_) pool_.withdraw(*job);
  if (!mailbox_) return;
  const std::lock_guard<std::mutex> lock(mailbox_->mutex);
  if (mailbox_->writeEnd >= 0 && mailbox_->writeEnd != readEnd_) sys::closeFd(mailbox_->writeEnd);
  mailbox_->writeEnd = -1;
  mailbox_->answers.clear();
  if (readEnd_ >= 0) sys::closeFd(readEnd_);
}

int ResolverClient::newId() {
  do {
    lastId_ = lastId_ == INT32_MAX ? 1 : lastId_ + 1;
  } while (pending_.count(lastId_) != 0);
  return lastId_;
}

int ResolverClient::start(LookupRequest request) {
  if (pending_.size() >= kMaxPending) return -ENOBUFS;
  // There is no such name, as there is no empty one: it need not be kept.
  if (request.name.size() > kLongestName) request.name.clear();
  try {
    const auto job = std::make_shared<LookupPool::Job>();
    job->mailbox = mailbox_;
    job->request = std::move(request);
    job->id = newId();
    LookupPool::JobList node;
    node.push_back(job);
    pending_.emplace(job->id, job);
    const int failed = pool_.enqueue(node);
    if (failed < 0) pending_.erase(job->id);
    return failed < 0 ? failed : job->id;
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
}

int ResolverClient::cancel(int id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return -ENOENT;
  pool_.withdraw(*found->second);
  pending_.erase(found);
  return 0;
}

int ResolverClient::arrived() {
  const std::lock_guard<std::mutex> lock(mailbox_->mutex);
  while (!mailbox_->answers.empty()) {
    const std::shared_ptr<LookupPool::Job> job = std::move(mailbox_->answers.front());
    mailbox_->answers.pop_front();
    const auto found = pending_.find(job->id);
    if (found == pending_.end() || found->second != job) continue;  // cancelled
    job->arrived = true;
    return job->id;
  }
  sys::clearWakeUp(readEnd_);
  return 0;
}

int ResolverClient::take(int id, LookupResult& result) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return -ENOENT;
  if (!found->second->arrived) return -EAGAIN;
  result = std::move(found->second->result);
  pending_.erase(found);
  return 0;
}

}  // namespace ics
