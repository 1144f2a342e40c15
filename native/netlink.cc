#include "netlink.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "fd.h"

namespace nsx {
namespace {

constexpr int kSolNetlink = 270;
constexpr int kGetStrictChk = 12;  // NETLINK_GET_STRICT_CHK, Linux 4.20
constexpr int kMostAttempts = 8;
constexpr size_t kMostBytes = 64 << 20;
constexpr std::chrono::seconds kMostTime{5};

using Clock = std::chrono::steady_clock;

// Receives one datagram of the kernel; 0 or an errno. Whoever has CAP_NET_ADMIN in the namespace
// can send us messages, too: these are dropped.
int receive(int socket, Clock::time_point deadline, std::string* datagram) {
  for (;;) {
    if (Clock::now() > deadline) return ETIMEDOUT;
    const ssize_t size = recv(socket, nullptr, 0, MSG_PEEK | MSG_TRUNC);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == EAGAIN ? ETIMEDOUT : errno;
    datagram->resize(static_cast<size_t>(size));
    sockaddr_nl sender = {};
    socklen_t senderSize = sizeof sender;
    const ssize_t got = recvfrom(socket, datagram->data(), datagram->size(), MSG_DONTWAIT,
                                 reinterpret_cast<sockaddr*>(&sender), &senderSize);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return errno;
    datagram->resize(static_cast<size_t>(got));
    if (senderSize == sizeof sender && sender.nl_pid == 0) return 0;
  }
}

// What the messages of one request add up to.
class Collector {
 public:
  Collector(uint32_t sequence, std::string* answer) : sequence_(sequence), answer_(answer) {}

  // 0 or an errno.
  int add(const std::string& datagram) {
    for (size_t at = 0; at + sizeof(nlmsghdr) <= datagram.size();) {
      nlmsghdr header;
      memcpy(&header, datagram.data() + at, sizeof header);
      if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size() - at) {
        return EBADMSG;
      }
      if (header.nlmsg_seq == sequence_) {
        const int error = addMessage(header, datagram.data() + at);
        if (error != 0 || done_) return error;
      }
      at += NLMSG_ALIGN(header.nlmsg_len);
    }
    return 0;
  }

  bool done() const { return done_; }

 private:
  int addMessage(const nlmsghdr& header, const char* message) {
    if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted_ = true;
    if (header.nlmsg_type == NLMSG_NOOP) return 0;
    // Both begin with an error number: 0 is an acknowledgement.
    if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR) {
      int32_t error = 0;
      if (header.nlmsg_len >= NLMSG_LENGTH(sizeof error)) {
        memcpy(&error, message + NLMSG_HDRLEN, sizeof error);
      }
      done_ = true;
      if (error < 0) return -error;
      return interrupted_ ? EINTR : 0;
    }
    if (answer_->size() + header.nlmsg_len > kMostBytes) return EFBIG;
    answer_->append(message, header.nlmsg_len);
    answer_->append(NLMSG_ALIGN(header.nlmsg_len) - header.nlmsg_len, '\0');
    return 0;
  }

  uint32_t sequence_;
  std::string* answer_;
  bool done_ = false;
  bool interrupted_ = false;
};

struct Attempt {
  int protocol;
  bool strict;
  Clock::time_point deadline;
};

// A socket for each attempt, so that nothing is left of the one before.
int exchange(const Attempt& attempt, std::string request, std::string* answer) {
  const Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, attempt.protocol));
  if (!socket) return errno;
  const int strict = attempt.strict;
  // Fails before Linux 4.20, where dumps cannot be filtered.
  setsockopt(socket.get(), kSolNetlink, kGetStrictChk, &strict, sizeof strict);
  const timeval second = {1, 0};
  if (setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second) != 0) return errno;
  nlmsghdr header;
  memcpy(&header, request.data(), sizeof header);
  header.nlmsg_seq = 1;
  // The end of a dump is told anyway; that of another answer only by an acknowledgement.
  if ((header.nlmsg_flags & NLM_F_DUMP) == 0) header.nlmsg_flags |= NLM_F_ACK;
  memcpy(request.data(), &header, sizeof header);
  if (send(socket.get(), request.data(), request.size(), 0) < 0) return errno;
  answer->clear();
  Collector collector(header.nlmsg_seq, answer);
  std::string datagram;
  while (!collector.done()) {
    if (const int error = receive(socket.get(), attempt.deadline, &datagram)) return error;
    if (const int error = collector.add(datagram)) return error;
  }
  return 0;
}

}  // namespace

int askNetlink(int protocol, const std::string& request, std::string* answer) {
  nlmsghdr header;
  if (request.size() < sizeof header) return EINVAL;
  memcpy(&header, request.data(), sizeof header);
  if (header.nlmsg_len != request.size()) return EINVAL;
  Attempt attempt = {protocol, true, Clock::now() + kMostTime};
  for (int i = 0; i < kMostAttempts; i++) {
    const int error = exchange(attempt, request, answer);
    if (error == EINVAL && attempt.strict) {
      // A kernel that knows less than the request: then its answer is not filtered.
      attempt.strict = false;
    } else if (error != EINTR) {
      return error;
    }
    // EINTR: something changed during the dump, so it may lack what was there all the time.
  }
  return EINTR;
}

}  // namespace nsx
