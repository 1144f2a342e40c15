#include "nsid.h"

#include <linux/net_namespace.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace nsx {
namespace {

constexpr int kMostForged = 1000;

struct Request {
  nlmsghdr header;
  rtgenmsg message;
  char padding[NLMSG_ALIGN(sizeof(rtgenmsg)) - sizeof(rtgenmsg)];
  nlattr attribute;
  uint32_t fd;
};
static_assert(offsetof(Request, attribute) == NLMSG_LENGTH(NLMSG_ALIGN(sizeof(rtgenmsg))));

int parseReply(const char* reply, size_t size, int32_t* nsid) {
  nlmsghdr header;
  if (size < sizeof header) return EBADMSG;
  memcpy(&header, reply, sizeof header);
  if (header.nlmsg_len > size) return EBADMSG;
  if (header.nlmsg_type == NLMSG_ERROR) {
    nlmsgerr error;
    if (size < NLMSG_LENGTH(sizeof error)) return EBADMSG;
    memcpy(&error, reply + NLMSG_HDRLEN, sizeof error);
    return error.error < 0 ? -error.error : EBADMSG;
  }
  size_t at = NLMSG_LENGTH(NLMSG_ALIGN(sizeof(rtgenmsg)));
  nlattr attribute;
  while (at + sizeof attribute <= header.nlmsg_len) {
    memcpy(&attribute, reply + at, sizeof attribute);
    if (attribute.nla_len < sizeof attribute || at + attribute.nla_len > size) return EBADMSG;
    if (attribute.nla_type == NETNSA_NSID && attribute.nla_len >= NLA_HDRLEN + sizeof *nsid) {
      memcpy(nsid, reply + at + NLA_HDRLEN, sizeof *nsid);
      return 0;
    }
    at += static_cast<size_t>(NLA_ALIGN(attribute.nla_len));
  }
  return EBADMSG;
}

}  // namespace

int NsidSocket::ask(int netNs, int32_t* nsid) {
  if (!socket_) socket_ = Fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket_) return errno;
  Request request = {};
  request.header = {sizeof request, RTM_GETNSID, NLM_F_REQUEST, 0, 0};
  request.attribute = {sizeof request.attribute + sizeof request.fd, NETNSA_FD};
  request.fd = static_cast<uint32_t>(netNs);
  if (send(socket_.get(), &request, sizeof request, 0) < 0) return errno;
  // The kernel has queued the answer before send returns, so there is nothing to wait for.
  char reply[1024];
  // Whoever has CAP_NET_ADMIN in the namespace can send us messages, too: so many are passed over.
  for (int i = 0; i < kMostForged; i++) {
    sockaddr_nl sender = {};
    socklen_t senderSize = sizeof sender;
    const ssize_t size = recvfrom(socket_.get(), reply, sizeof reply, MSG_DONTWAIT,
                                  reinterpret_cast<sockaddr*>(&sender), &senderSize);
    if (size < 0) return errno;
    if (sender.nl_pid == 0) return parseReply(reply, static_cast<size_t>(size), nsid);
  }
  // The answer would be taken for that to the next request.
  socket_.reset();
  return EBADMSG;
}

}  // namespace nsx
