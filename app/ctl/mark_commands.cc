// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mark_commands.cc: tag, note, rename, pin, color, delete, restore, import.
#include <cctype>
#include <fstream>
#include <memory>

#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

struct Marks {
  std::vector<std::string> runs, words;
  std::string run, text;
  uint32_t color = 0;
  bool off = false, for_good = false, bin = false;
};

// What KeepTagsFromBeingFlags put in the place of a dash; no tag may hold it.
constexpr char kDash = '\x01';

// Connects, makes the one call, and says what was done.
Outcome Mark(const CommonOptions& options, const proto::MarkRunsRequest& request) {
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  const auto reply = engine->Call(&proto::Engine::Stub::MarkRuns, request);
  if (!reply.ok()) return {reply.status()};
  if (options.json)
    PrintJson({{"marked", std::vector<std::string>(request.runs().begin(), request.runs().end())}});
  return {};
}

Outcome Tag(const CommonOptions& options, const Marks& marks) {
  proto::MarkRunsRequest request;
  for (const std::string& word : marks.words) {
    if (word[0] == '+')
      request.add_add_tags(word.substr(1));
    else if (word[0] == kDash)
      request.add_remove_tags(word.substr(1));
    else
      request.add_runs(word);
  }
  if (request.add_tags().empty() && request.remove_tags().empty())
    return {absl::InvalidArgumentError("a tag is needed: +TAG adds one, -TAG takes one away")};
  return Mark(options, request);
}

Outcome Note(const CommonOptions& options, const Marks& marks) {
  proto::MarkRunsRequest request;
  request.add_runs(marks.run);
  request.set_note(marks.text);
  return Mark(options, request);
}

Outcome Rename(const CommonOptions& options, const Marks& marks) {
  proto::MarkRunsRequest request;
  request.add_runs(marks.run);
  request.set_name(marks.text);
  return Mark(options, request);
}

Outcome Pin(const CommonOptions& options, const Marks& marks) {
  proto::MarkRunsRequest request;
  request.add_runs(marks.run);
  request.set_pinned(!marks.off);
  return Mark(options, request);
}

Outcome Color(const CommonOptions& options, const Marks& marks) {
  proto::MarkRunsRequest request;
  for (const std::string& run : marks.runs) request.add_runs(run);
  request.set_color(marks.color);
  return Mark(options, request);
}

// Of several runs, those before the one that cannot be deleted are in the bin.
Outcome Delete(const CommonOptions& options, const Marks& marks) {
  if (marks.bin != marks.runs.empty())
    return {absl::InvalidArgumentError("expected either runs, or --bin for all that is in the bin")};
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  std::vector<std::string> ids;  // "last" of all runs is not "last" of those in the bin
  for (const std::string& run : marks.runs) {
    const auto found = engine->FindRun(run);
    // With --for-good it may well be in the bin already.
    const bool may_be_in_bin = marks.for_good && run != "last" && absl::IsNotFound(found.status());
    if (!found.ok() && !may_be_in_bin) return {Annotate(found.status(), run)};
    ids.push_back(found.ok() ? found->run() : run);
    proto::RunRequest request;
    request.set_run(ids.back());
    const auto reply = engine->Call(&proto::Engine::Stub::DeleteRun, request, kSeriesDeadlineSeconds);
    if (!reply.ok() && !(marks.for_good && absl::IsNotFound(reply.status())))
      return {Annotate(reply.status(), run)};
  }
  if (marks.for_good || marks.bin) {
    proto::EmptyBinRequest request;
    for (const std::string& id : ids) request.add_runs(id);
    const auto reply = engine->Call(&proto::Engine::Stub::EmptyBin, request, kExportDeadlineSeconds);
    if (!reply.ok()) return {reply.status()};
    if (options.json) PrintJson({{"deleted", marks.runs}, {"gone", reply->runs()}});
    return {};
  }
  if (options.json) PrintJson({{"deleted", marks.runs}});
  return {};
}

Outcome Restore(const CommonOptions& options, const Marks& marks) {
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  for (const std::string& run : marks.runs) {
    proto::RunRequest request;
    request.set_run(run);
    const auto reply = engine->Call(&proto::Engine::Stub::RestoreRun, request);
    if (!reply.ok()) return {Annotate(reply.status(), run)};
  }
  if (options.json) PrintJson({{"restored", marks.runs}});
  return {};
}

absl::StatusOr<std::string> Upload(Connection& engine, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::InvalidArgumentError(fmt::format("{} cannot be read", path));
  grpc::ClientContext context;
  context.set_deadline(WallDeadline(kExportDeadlineSeconds));
  proto::ImportReply reply;
  const auto stream = engine.stub().ImportRun(&context, &reply);
  proto::ImportChunk chunk;
  constexpr size_t kPieceBytes = 256 << 10;
  for (bool more = true; more;) {
    std::string& data = *chunk.mutable_data();
    data.resize(kPieceBytes);
    file.read(data.data(), static_cast<std::streamsize>(data.size()));
    data.resize(static_cast<size_t>(file.gcount()));
    more = !data.empty() && stream->Write(chunk);
  }
  if (file.bad()) {
    context.TryCancel();
    stream->Finish();
    return absl::UnavailableError(fmt::format("{} cannot be read to its end", path));
  }
  stream->WritesDone();
  RETURN_IF_ERROR(FromGrpc(stream->Finish()));
  return reply.run();
}

Outcome Import(const CommonOptions& options, const Marks& marks) {
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  std::vector<std::string> taken;
  for (const std::string& path : marks.words) {
    absl::StatusOr<std::string> run = Upload(*engine, path);
    if (!run.ok()) return {Annotate(run.status(), path)};
    if (!options.json) PrintText(*run + "\n");
    taken.push_back(*std::move(run));
  }
  if (options.json) PrintJson({{"imported", taken}});
  return {};
}

}  // namespace

void KeepTagsFromBeingFlags(std::vector<std::string>& words) {
  size_t command = 0;  // the first word that is neither an option nor the value of one
  while (command < words.size() && words[command].starts_with('-')) {
    const std::string& option = words[command];
    command += option == "--home" || option == "--engine" || option == "--kit" ? 2 : 1;
  }
  if (command >= words.size() || words[command] != "tag") return;
  for (size_t i = command + 1; i < words.size(); ++i) {
    std::string& word = words[i];
    if (word.size() > 1 && word[0] == '-' && word[1] != '-' && word != "-h") word[0] = kDash;
  }
}

void AddMarkCommands(CLI::App& app, Action& action) {
  auto marks = std::make_shared<Marks>();
  const auto bind = [marks, &action](CLI::App* command,
                                     Outcome (*function)(const CommonOptions&, const Marks&)) {
    command->callback([marks, &action, function] {
      action = [marks, function](const CommonOptions& options) { return function(options, *marks); };
    });
  };
  const char* run_help = "Run id, a unique beginning of one, or last";

  CLI::App* tag = app.add_subcommand("tag", "Give runs tags, or take them away: tag RUN… +ablation -old");
  tag->add_option("words", marks->words, "Runs, +TAG to add, -TAG to take away")->required();
  bind(tag, Tag);

  CLI::App* note = app.add_subcommand("note", "Keep a note with a run; \"\" takes it away");
  note->add_option("run", marks->run, run_help)->required();
  note->add_option("text", marks->text, "The note")->required();
  bind(note, Note);

  CLI::App* pin = app.add_subcommand("pin", "Make a run the baseline that others are held against");
  pin->add_option("run", marks->run, run_help)->required();
  pin->add_flag("--off", marks->off, "It is so no more");
  bind(pin, Pin);

  CLI::App* rename = app.add_subcommand("rename", "Give a run another name; its experiment stays as it is");
  rename->add_option("run", marks->run, run_help)->required();
  rename->add_option("name", marks->text, "The new name")->required();
  bind(rename, Rename);

  CLI::App* color = app.add_subcommand("color", "Give runs a colour of the palette, the same everywhere");
  color->add_option("color", marks->color, "From 1 on; 0: the one that follows from the run's id")
      ->required();
  color->add_option("runs", marks->runs, run_help)->required();
  bind(color, Color);

  CLI::App* delete_run = app.add_subcommand(
      "delete", "Put runs that have ended into the bin, from where they come back for a week (restore)");
  delete_run->add_option("runs", marks->runs, run_help);
  delete_run->add_flag("--for-good", marks->for_good, "With all they stored, and they do not come back");
  delete_run->add_flag("--bin", marks->bin, "Empty the bin for good");
  bind(delete_run, Delete);

  CLI::App* restore = app.add_subcommand("restore", "Bring runs back from the bin (list --bin)");
  restore->add_option("runs", marks->runs, run_help)->required();
  bind(restore, Restore);

  CLI::App* import_run = app.add_subcommand("import", "Take in runs that were exported --to run elsewhere");
  import_run->add_option("files", marks->words, "Files to read")->required();
  bind(import_run, Import);
}

}  // namespace concertina::ctl
