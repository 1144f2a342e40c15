#include <fcntl.h>
#include <sys/utsname.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "exports.h"
#include "join.h"
#include "mqueues.h"
#include "netlink.h"
#include "proc.h"
#include "whole_file.h"

namespace nsx {
namespace {

constexpr size_t kMostFileBytes = 16 << 20;

// The numbers are those of `ASKS` in src/host/namespace-calls.ts.
enum class Ask : uint8_t { kUname, kProc, kNetlink, kMqueues, kInode };

struct Question {
  Ask ask;
  int protocol;       // of netlink
  std::string bytes;  // the file, or the request
};

struct Answer {
  int error;
  std::string bytes;
};

int askUname(std::string* bytes) {
  utsname names;
  if (uname(&names) != 0) return errno;
  bytes->assign(names.nodename, strnlen(names.nodename, sizeof names.nodename));
  bytes->push_back('\0');
  bytes->append(names.domainname, strnlen(names.domainname, sizeof names.domainname));
  return 0;
}

int answerTo(const std::string& procRoot, const Question& question, std::string* bytes) {
  switch (question.ask) {
    case Ask::kUname:
      return askUname(bytes);
    case Ask::kProc: {
      const std::string path = procRoot + "/" + question.bytes;
      return appendWhole(AT_FDCWD, path.c_str(), kMostFileBytes, bytes);
    }
    case Ask::kNetlink:
      return askNetlink(question.protocol, question.bytes, bytes);
    case Ask::kMqueues:
      return listMqueues(bytes);
    case Ask::kInode: {
      const std::string path = procRoot + "/" + question.bytes;
      Identity file;
      if (const int error = identify(AT_FDCWD, path.c_str(), &file)) return error;
      bytes->assign(reinterpret_cast<const char*>(&file.inode), sizeof file.inode);
      return 0;
    }
  }
  return EINVAL;
}

std::vector<Question> toQuestions(const Napi::CallbackInfo& info) {
  const Napi::Uint8Array asks = info[2].As<Napi::Uint8Array>();
  const Napi::Int32Array protocols = info[3].As<Napi::Int32Array>();
  const Napi::Array payloads = info[4].As<Napi::Array>();
  std::vector<Question> questions;
  questions.reserve(asks.ElementLength());
  for (uint32_t i = 0; i < asks.ElementLength(); i++) {
    const Napi::Uint8Array payload = payloads.Get(i).As<Napi::Uint8Array>();
    questions.push_back(
        {static_cast<Ask>(asks.Data()[i]), protocols.Data()[i],
         std::string(reinterpret_cast<const char*>(payload.Data()), payload.ByteLength())});
  }
  return questions;
}

}  // namespace

// inside(procRoot, handles of one, asks: Uint8Array, protocols: Int32Array,
// payloads: Uint8Array[]) → (Buffer | errno)[]
Napi::Value inside(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  HandleArgs args;
  if (!readHandleArgs(info, &args)) return env.Undefined();
  const std::vector<Question> questions = toQuestions(info);
  std::vector<Answer> answers(questions.size());
  const int error = runInside(args, kJoinable, [&] {
    for (size_t i = 0; i < questions.size(); i++) {
      answers[i].error = answerTo(args.procRoot, questions[i], &answers[i].bytes);
    }
  });
  Napi::Array result = Napi::Array::New(env, answers.size());
  for (uint32_t i = 0; i < answers.size(); i++) {
    const int failure = error != 0 ? error : answers[i].error;
    const std::string& bytes = answers[i].bytes;
    if (failure != 0) {
      result[i] = Napi::Number::New(env, failure);
    } else {
      result[i] = Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
    }
  }
  return result;
}

}  // namespace nsx
