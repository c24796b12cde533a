// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rank_log.cc: see rank_log.h.
#include "core/engine/rank_log.h"
#include "core/base/utf8.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "fmt/format.h"

namespace concertina {

RankLog::RankLog(const std::string& path, std::function<void(const std::string&)> on_line)
    : on_line_(std::move(on_line)),
      file_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
  if (file_ >= 0) file_bytes_ = std::max<int64_t>(0, lseek(file_, 0, SEEK_END));
}

RankLog::~RankLog() {
  if (file_ >= 0) close(file_);
}

void RankLog::Add(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const size_t room = kMaxLineBytes - partial_.size();
    const size_t taken = std::min({end, bytes.size(), room});
    partial_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    const bool ended = !bytes.empty() && bytes.front() == '\n';
    if (ended) bytes.remove_prefix(1);
    if (ended || partial_.size() == kMaxLineBytes) {
      Line(partial_);
      partial_.clear();
    }
  }
}

void RankLog::Finish() {
  if (!partial_.empty()) Line(partial_);
  partial_.clear();
}

void RankLog::Line(const std::string& bytes) {
  const std::string line = CutUtf8(bytes, 3 * kMaxLineBytes);
  if (file_ >= 0 && file_bytes_ < kMaxFileBytes) {
    std::string text = line + "\n";
    file_bytes_ += static_cast<int64_t>(text.size());
    if (file_bytes_ >= kMaxFileBytes)
      text += fmt::format("(the log ends here: it has {} bytes)\n", file_bytes_);
    for (size_t done = 0; done < text.size();) {
      const ssize_t written = write(file_, text.data() + done, text.size() - done);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) break;
      done += static_cast<size_t>(written);
    }
  }
  on_line_(line);
}

std::vector<std::string> LastLines(const std::string& path, int count) {
  std::vector<std::string> lines;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 || count <= 0) {
    if (file >= 0) close(file);
    return lines;
  }
  constexpr off_t kMaxBytes = 1 << 20;
  const off_t size = std::max<off_t>(0, lseek(file, 0, SEEK_END));
  std::string text(static_cast<size_t>(std::min(size, kMaxBytes)), '\0');
  const ssize_t got = pread(file, text.data(), text.size(), size - static_cast<off_t>(text.size()));
  close(file);
  text.resize(static_cast<size_t>(std::max<ssize_t>(0, got)));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.empty()) return lines;
  size_t end = text.size();
  while (static_cast<int>(lines.size()) < count) {
    const size_t before = end == 0 ? std::string::npos : text.rfind('\n', end - 1);
    const size_t begin = before == std::string::npos ? 0 : before + 1;
    lines.push_back(text.substr(begin, end - begin));
    if (begin == 0) break;
    end = before;
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

}  // namespace concertina
