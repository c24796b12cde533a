// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// serve_command.cc: serve: a compressed model answers over gRPC, in the foreground, until Control-C.
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>

#include "app/ctl/commands.h"
#include "app/ctl/download.h"
#include "app/ctl/follow.h"
#include "app/ctl/output.h"
#include "core/base/file.h"
#include "core/graph/graph.h"
#include "core/proto/engine_channel.h"
#include "core/proto/engine_launch.h"
#include "core/serve/model_server.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

constexpr double kLastCallsSeconds = 5;  // what is asked already when Control-C comes

struct ServeArguments {
  std::string model, listen;
  int threads = 1;
};

// A folder of its own that goes with all that is in it.
class OwnFolder {
 public:
  ~OwnFolder() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
  }
  absl::StatusOr<std::string> Make() {
    ASSIGN_OR_RETURN(const std::string parent, TemporaryFolder());
    ASSIGN_OR_RETURN(path_, MakePrivateFolder(parent));
    return path_;
  }

 private:
  std::string path_;
};

// MODEL is a file, or else a run of the engine, whose model is fetched.
absl::StatusOr<ServedModel> ModelOf(const CommonOptions& options, const ServeArguments& arguments) {
  std::error_code error;
  const std::string& model = arguments.model;
  if (std::filesystem::exists(model, error) || model.ends_with(".edge") ||
      model.find('/') != std::string::npos)
    return LoadServedModel(model, arguments.threads);
  ASSIGN_OR_RETURN(Connection engine, Connection::Open(options));
  const absl::StatusOr<proto::RunSummary> run = engine.FindRun(model);
  if (absl::IsNotFound(run.status()))
    return absl::NotFoundError(
        fmt::format("{}; and there is no file of that name either: expected a run, or an .edge file",
                    std::string(run.status().message())));
  if (!run.ok()) return run.status();
  // From here on there is something to be removed: a Control-C waits for that.
  Interrupts interrupts(engine, run->run(), /*stops_run=*/false);
  OwnFolder folder;
  ASSIGN_OR_RETURN(const std::string made, folder.Make());
  const std::string file = made + "/" + run->run() + ".edge";
  RETURN_IF_ERROR(Download(engine, run->run(), "edge", file, {.interrupts = &interrupts}).status);
  absl::StatusOr<ServedModel> loaded = LoadServedModel(file, arguments.threads);
  if (interrupts.interrupted()) return absl::CancelledError("interrupted");
  return loaded;
}

void TellServed(const CommonOptions& options, const std::string& address,
                const proto::ModelDescription& model) {
  const std::vector<int64_t> shape(model.sample_shape().begin(), model.sample_shape().end());
  if (options.json) {
    PrintJson({{"address", address},
               {"pid", ::getpid()},
               {"name", model.name()},
               {"sample_shape", shape},
               {"classes", model.classes()},
               {"preprocessing", model.preprocessing()},
               {"file_bytes", model.file_bytes()},
               {"file_sha256", model.file_sha256()},
               {"most_samples", model.most_samples()},
               {"threads", model.threads()}});
    return;
  }
  PrintText(fmt::format(
      "\"{}\" answers at {}\n"
      "  takes {}, tells {} classes apart; {} of file, {}\n"
      "  ask it:     concertinactl ask {} FILE\n"
      "  measure it: concertinactl bench served {}\n"
      "Control-C ends it.\n",
      model.name(), address, ShapeText(Shape(shape.begin(), shape.end())), model.classes(),
      BytesText(static_cast<double>(model.file_bytes())),
      model.threads() == 1 ? "one thread" : fmt::format("{} threads", model.threads()), address, address));
}

Outcome Serve(const CommonOptions& options, const ServeArguments& arguments) {
  std::signal(SIGPIPE, SIG_IGN);  // a caller that went away must not end it
  // Before the model, and an engine, are looked for: a port without a kit can never work.
  const bool is_port = !arguments.listen.empty() && !arguments.listen.starts_with("unix:");
  const std::string kit = is_port ? KitFolder(options.kit) : "";
  if (is_port && kit.empty())
    return {absl::FailedPreconditionError(
        fmt::format("--listen {}: a port is opened only with an engine's start-up kit; make one with "
                    "concertinactl provision --out DIR --engine-address HOST:PORT --person NAME, and give "
                    "DIR/engine-main with --kit; or leave --listen out",
                    arguments.listen))};
  absl::StatusOr<ServedModel> model = ModelOf(options, arguments);
  if (!model.ok()) return {model.status()};
  std::string audit_file;
  if (is_port) {
    const std::string home = options.home.empty() ? DefaultHome() : options.home;
    if (const absl::Status made = MakeFolder(home); !made.ok()) return {made};
    audit_file = home + "/audit-models.log";
  }
  // Until now Control-C ended the program at once; from here on there is a socket to be removed.
  const BlockedInterrupts blocked;
  if (blocked.is_pending()) return {absl::CancelledError("interrupted")};
  ModelService service(*std::move(model));
  absl::StatusOr<std::unique_ptr<ModelServer>> server =
      ModelServer::Open({.listen = arguments.listen, .kit = kit, .audit_file = audit_file}, service);
  if (!server.ok()) return {server.status()};
  TellServed(options, (*server)->address(), service.description());

  int signal = 0;
  while (sigwait(&blocked.signals(), &signal) != 0) {
  }
  (*server)->Shutdown(Deadline::After(kLastCallsSeconds));
  const ModelService::Figures figures = service.figures();
  Tell("\nanswered {} samples in {} calls, {} inside the model for each; {} calls refused\n",
       CountText(static_cast<double>(figures.samples)), CountText(static_cast<double>(figures.calls)),
       figures.samples > 0 ? SecondsText(figures.model_seconds / static_cast<double>(figures.samples))
                           : "nothing",
       CountText(static_cast<double>(figures.refused)));
  return {};
}

}  // namespace

void AddServeCommand(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ServeArguments>();
  CLI::App* serve = app.add_subcommand(
      "serve", "Let a model answer at a local gRPC endpoint, in the foreground, until Control-C");
  serve->add_option("MODEL", arguments->model, "A .edge file; or a run, or \"last\"")->required();
  serve->add_option("--listen", arguments->listen,
                    "unix:PATH, in a folder that is yours alone (a new one); or HOST:PORT, with mutual TLS, "
                    "which needs --kit");
  serve->add_option("--threads", arguments->threads, "Calls that are answered at once (1)")
      ->check(CLI::Range(1, kMostServingThreads));
  serve->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) { return Serve(options, *arguments); };
  });
}

}  // namespace concertina::ctl
