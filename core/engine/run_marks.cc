// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_marks.cc: see run_marks.h.
#include "core/engine/run_marks.h"
#include "core/base/utf8.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "fmt/format.h"

namespace concertina {
namespace {

absl::Status CheckNote(const std::string& note) {
  if (note.size() > kMostNoteBytes)
    return absl::InvalidArgumentError(
        fmt::format("a note of {} bytes; at most {} are kept", note.size(), kMostNoteBytes));
  if (!IsUtf8(note) || note.find('\0') != std::string::npos)
    return absl::InvalidArgumentError("the note is no text in UTF-8");
  return absl::OkStatus();
}

absl::Status CheckColor(uint32_t color) {
  if (color <= kMostColor) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("colour {}; expected the place of one in the palette, from 1 to {}, or 0 for the usual one",
                  color, kMostColor));
}

}  // namespace

absl::StatusOr<std::string> CheckRunName(const std::string& name) {
  std::string kept(absl::StripAsciiWhitespace(name));
  if (kept.empty()) return absl::InvalidArgumentError("a name needs at least one letter");
  if (kept.size() > kMostRunNameBytes)
    return absl::InvalidArgumentError(
        fmt::format("a name of {} bytes; at most {} are kept", kept.size(), kMostRunNameBytes));
  const bool has_controls = std::any_of(kept.begin(), kept.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
  if (!IsUtf8(kept) || has_controls)
    return absl::InvalidArgumentError("the name is no line of text in UTF-8");
  return kept;
}

absl::StatusOr<std::string> CheckTag(const std::string& tag) {
  std::string kept(absl::StripAsciiWhitespace(tag));
  if (kept.empty()) return absl::InvalidArgumentError("a tag needs at least one letter");
  const auto refuse = [&](const std::string& why) {
    return absl::InvalidArgumentError(fmt::format("tag \"{}\" {}", CutUtf8(kept, kMostTagBytes), why));
  };
  if (kept.size() > kMostTagBytes)
    return refuse(fmt::format("… has {} bytes; at most {} are kept", kept.size(), kMostTagBytes));
  if (!IsUtf8(kept)) return refuse("is no text in UTF-8");
  for (const char c : kept) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ',' || c == '"' || byte < 0x20 || byte == 0x7f)
      return refuse("holds a comma, a quotation mark or a control character, which separate tags");
  }
  return kept;
}

absl::StatusOr<proto::RunMarks> ChangeMarks(proto::RunMarks marks, const proto::MarkRunsRequest& request) {
  auto& tags = *marks.mutable_tags();
  for (const std::string& tag : request.remove_tags()) {
    ASSIGN_OR_RETURN(const std::string kept, CheckTag(tag));
    tags.erase(std::remove(tags.begin(), tags.end(), kept), tags.end());
  }
  for (const std::string& tag : request.add_tags()) {
    ASSIGN_OR_RETURN(std::string kept, CheckTag(tag));
    if (std::find(tags.begin(), tags.end(), kept) == tags.end()) *tags.Add() = std::move(kept);
  }
  if (tags.size() > kMostTags)
    return absl::InvalidArgumentError(fmt::format("{} tags; a run has at most {}", tags.size(), kMostTags));
  if (request.has_note()) {
    RETURN_IF_ERROR(CheckNote(request.note()));
    marks.set_note(request.note());
  }
  if (request.has_color()) {
    RETURN_IF_ERROR(CheckColor(request.color()));
    marks.set_color(request.color());
  }
  if (request.has_pinned()) marks.set_pinned(request.pinned());
  return marks;
}

absl::Status CheckMarks(const proto::RunMarks& marks) {
  if (marks.tags_size() > kMostTags)
    return absl::InvalidArgumentError(
        fmt::format("{} tags; a run has at most {}", marks.tags_size(), kMostTags));
  std::vector<std::string> seen;
  for (const std::string& tag : marks.tags()) {
    ASSIGN_OR_RETURN(const std::string kept, CheckTag(tag));
    if (kept != tag || std::find(seen.begin(), seen.end(), tag) != seen.end())
      return absl::InvalidArgumentError(
          fmt::format("tag \"{}\" stands twice, or has spaces around it", kept));
    seen.push_back(tag);
  }
  RETURN_IF_ERROR(CheckNote(marks.note()));
  return CheckColor(marks.color());
}

StoredMarks ToStored(const proto::RunMarks& marks) {
  StoredMarks stored;
  stored.tags.assign(marks.tags().begin(), marks.tags().end());
  stored.note = marks.note();
  stored.color = static_cast<int>(marks.color());
  stored.is_pinned = marks.pinned();
  stored.deleted_unix_ms = marks.deleted_unix_ms();
  return stored;
}

proto::RunMarks FromStored(const StoredMarks& marks) {
  proto::RunMarks message;
  for (const std::string& tag : marks.tags) message.add_tags(tag);
  message.set_note(marks.note);
  message.set_color(static_cast<uint32_t>(std::max(0, marks.color)));
  message.set_pinned(marks.is_pinned);
  message.set_deleted_unix_ms(marks.deleted_unix_ms);
  return message;
}

std::string TagsText(const proto::RunMarks& marks) {
  return fmt::format("{}", fmt::join(marks.tags(), ", "));
}

}  // namespace concertina
