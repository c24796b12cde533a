// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// power_cut_disk.h: a disk in memory that keeps apart what was flushed and what was not, for tests of what a
// power cut leaves.
//
// At a cut, of each file's bytes since its last Sync any sectors may be there, the new ones or the old, or
// zeros, and any length between; of the names that a folder was given or lost since its last SyncFolder any
// may be. That is harsher than a journal allows, and what POSIX does.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/disk.h"
#include "core/base/rng.h"
#include "fmt/format.h"

namespace concertina {

class PowerCutDisk final : public Disk {
 public:
  // Before the n-th operation that changes anything the power goes: it and all that follow do nothing and
  // fail. 0: never.
  explicit PowerCutDisk(int64_t cut_before = 0) : cut_before_(cut_before) { root_->is_folder = true; }

  // The same from now on.
  void CutBefore(int64_t operation) { cut_before_ = operations_ + operation; }
  int64_t operations() const { return operations_; }
  bool is_off() const { return is_off_; }
  // Decides by `rng` what is left, and is on again, without another cut.
  void Restart(Rng& rng) {
    Settle(*root_, rng);
    is_off_ = false;
    cut_before_ = 0;
  }

  absl::StatusOr<std::unique_ptr<File>> Create(const std::string& path) override {
    RETURN_IF_ERROR(Change());
    ASSIGN_OR_RETURN(Node * folder, Find(FolderOf(path)));
    if (folder->names.contains(NameOf(path))) return absl::AlreadyExistsError(path);
    auto node = std::make_shared<Node>();
    folder->names[NameOf(path)] = node;
    return std::make_unique<MemoryFile>(*this, node);
  }
  absl::Status Rename(const std::string& from, const std::string& to) override {
    RETURN_IF_ERROR(Change());
    ASSIGN_OR_RETURN(Node * source, Find(FolderOf(from)));
    ASSIGN_OR_RETURN(Node * target, Find(FolderOf(to)));
    const auto found = source->names.find(NameOf(from));
    if (found == source->names.end()) return absl::NotFoundError(from);
    const std::shared_ptr<Node> node = found->second;
    source->names.erase(found);
    target->names[NameOf(to)] = node;
    return absl::OkStatus();
  }
  absl::Status Remove(const std::string& path) override {
    RETURN_IF_ERROR(Change());
    ASSIGN_OR_RETURN(Node * folder, Find(FolderOf(path)));
    const auto found = folder->names.find(NameOf(path));
    if (found == folder->names.end()) return absl::NotFoundError(path);
    if (!found->second->names.empty()) return absl::FailedPreconditionError(path + " is not empty");
    folder->names.erase(found);
    return absl::OkStatus();
  }
  absl::Status SyncFolder(const std::string& path) override {
    RETURN_IF_ERROR(Change());
    ASSIGN_OR_RETURN(Node * folder, Find(path));
    folder->flushed_names = folder->names;
    return absl::OkStatus();
  }
  absl::StatusOr<bool> MakeFolder(const std::string& path) override {
    if (is_off_) return Off();
    if (const auto found = Find(path); found.ok()) {
      if (!(*found)->is_folder) return absl::FailedPreconditionError(path + " is a file");
      return false;
    }
    ASSIGN_OR_RETURN(Node * folder, Find(FolderOf(path)));
    RETURN_IF_ERROR(Change());
    auto node = std::make_shared<Node>();
    node->is_folder = true;
    folder->names[NameOf(path)] = node;
    return true;
  }
  absl::StatusOr<std::vector<std::string>> List(const std::string& path) override {
    ASSIGN_OR_RETURN(Node * folder, Look(path));
    std::vector<std::string> names;
    for (const auto& [name, node] : folder->names) names.push_back(name);
    return names;
  }
  absl::StatusOr<uint64_t> SizeOf(const std::string& path) override {
    ASSIGN_OR_RETURN(Node * node, Look(path));
    return node->bytes.size();
  }
  absl::StatusOr<std::string> Read(const std::string& path, uint64_t offset, size_t most_bytes) override {
    ASSIGN_OR_RETURN(Node * node, Look(path));
    return offset >= node->bytes.size() ? std::string() : node->bytes.substr(offset, most_bytes);
  }
  absl::StatusOr<uint64_t> FreeBytes(const std::string& /*folder*/) override { return uint64_t{1} << 50; }

  // For tests that damage it: as if the medium did.
  std::string* BytesOf(const std::string& path) {
    const auto found = Find(path);
    return found.ok() ? &(*found)->bytes : nullptr;
  }

 private:
  struct Node {
    bool is_folder = false;
    std::string bytes, flushed;
    std::map<std::string, std::shared_ptr<Node>> names, flushed_names;
  };

  class MemoryFile final : public File {
   public:
    MemoryFile(PowerCutDisk& disk, std::shared_ptr<Node> node) : disk_(disk), node_(std::move(node)) {}
    absl::Status Write(std::span<const std::byte> bytes) override {
      if (disk_.is_off_) return disk_.Off();
      const absl::Status on = disk_.Change();
      // A write that is cut may have begun.
      const size_t count = on.ok() ? bytes.size() : bytes.size() / 2;
      node_->bytes.append(reinterpret_cast<const char*>(bytes.data()), count);
      return on;
    }
    absl::Status Sync() override {
      RETURN_IF_ERROR(disk_.Change());
      node_->flushed = node_->bytes;
      return absl::OkStatus();
    }
    absl::Status Close() override { return disk_.is_off_ ? disk_.Off() : absl::OkStatus(); }

   private:
    PowerCutDisk& disk_;
    const std::shared_ptr<Node> node_;
  };

  static absl::Status Off() { return absl::UnavailableError("the power is off"); }
  absl::Status Change() {
    if (is_off_) return Off();
    is_off_ = ++operations_ == cut_before_;
    return is_off_ ? Off() : absl::OkStatus();
  }
  static std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }
  absl::StatusOr<Node*> Look(const std::string& path) {
    if (is_off_) return Off();
    return Find(path);
  }
  absl::StatusOr<Node*> Find(const std::string& path) {
    Node* node = root_.get();
    for (size_t begin = 1; begin < path.size();) {
      const size_t end = std::min(path.find('/', begin), path.size());
      const auto found = node->names.find(path.substr(begin, end - begin));
      if (found == node->names.end()) return absl::NotFoundError(path);
      node = found->second.get();
      begin = end + 1;
    }
    return node;
  }

  static void Settle(Node& node, Rng& rng) {
    if (node.is_folder) {
      // Each name that changed is as it was or as it would have been, by itself.
      std::map<std::string, std::shared_ptr<Node>> left;
      std::map<std::string, int> all;
      for (const auto& [name, child] : node.names) all[name] = 0;
      for (const auto& [name, child] : node.flushed_names) all[name] = 0;
      for (const auto& [name, unused] : all) {
        const auto& from = rng.Below(2) == 0 ? node.names : node.flushed_names;
        if (const auto found = from.find(name); found != from.end()) left.insert(*found);
      }
      node.names = node.flushed_names = left;
      for (const auto& [name, child] : node.names) Settle(*child, rng);
      return;
    }
    if (node.bytes == node.flushed) return;
    constexpr size_t kSector = 64;  // small, as the files of tests are
    std::string left = node.flushed;
    const size_t shortest = std::min(node.bytes.size(), node.flushed.size());
    const size_t longest = std::max(node.bytes.size(), node.flushed.size());
    left.resize(shortest + rng.Below(longest - shortest + 1), '\0');
    for (size_t begin = 0; begin < left.size(); begin += kSector) {
      if (rng.Below(3) == 0) continue;  // the old, or zeros
      for (size_t i = begin; i < std::min({begin + kSector, left.size(), node.bytes.size()}); ++i)
        left[i] = node.bytes[i];
    }
    node.bytes = node.flushed = left;
  }

  const std::shared_ptr<Node> root_ = std::make_shared<Node>();
  int64_t cut_before_ = 0, operations_ = 0;
  bool is_off_ = false;
};

}  // namespace concertina
