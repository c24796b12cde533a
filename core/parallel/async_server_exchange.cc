// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// async_server_exchange.cc: workers push gradients to servers that update the parameters themselves, and go
// on with what these answer. See async_server_exchange.h.
//   async               w <- w - lr g(w') as each g comes, w' what its worker was answered before [Recht et
//                       al. NIPS 2011; Dean et al. NIPS 2012]
//   stale-synchronous   the same, and an answer waits until its worker is at most s steps ahead of the
//                       slowest [Ho et al. NIPS 2013]
//   sync with b backup  w <- w - lr mean of the first N - b gradients of w; the others come too late [Chen et
//   workers             al. 2016]
// The optimiser is the servers'. The learning rate comes with each gradient: it is the worker's step that the
// schedule is about.
#include "core/parallel/async_server_exchange.h"

#include "core/parallel/served_exchange.h"
#include "fmt/format.h"

namespace concertina {
namespace {

ServerRule RuleOf(const ParameterServerSettings& settings) {
  ServerRule rule;
  rule.update = settings.mode == "sync" ? ServerRule::Update::kMean : ServerRule::Update::kEach;
  rule.damping = settings.damping;
  rule.staleness_bound = settings.mode == "stale-synchronous" ? settings.staleness_bound : -1;
  rule.backup_workers = settings.backup_workers;
  return rule;
}

class AsyncServerExchange final : public ServedExchange {
 public:
  explicit AsyncServerExchange(const ParameterServerSettings& settings)
      : ServedExchange({.shards = settings.shards,
                        .dedicated_servers = settings.dedicated_servers,
                        .rule = RuleOf(settings)}),
        settings_(settings) {}

  std::vector<ParameterRange> Updates(const std::vector<ParameterSlot>&, const std::vector<int>&, int,
                                      int) const override {
    return {};  // the servers do
  }

  bool holds_back() const override { return settings_.mode != "async"; }

  absl::Status Prepare(const ExchangeContext& context) override {
    RETURN_IF_ERROR(ServedExchange::Prepare(context));
    if (context.recorder == nullptr) return absl::OkStatus();
    staleness_ = context.recorder->Open("async/staleness", "", RankFold::kMean);
    if (settings_.mode == "stale-synchronous")
      lead_ = context.recorder->Open("async/clock_lead", "", RankFold::kMax);
    if (settings_.backup_workers > 0)
      dropped_ = context.recorder->Open("async/dropped_gradients", "", RankFold::kSum);
    return absl::OkStatus();
  }

  absl::StatusOr<ExchangeCost> Finish(int64_t step, const Apply& /*apply*/) override {
    ASSIGN_OR_RETURN(const PushResult pushed, Push(Pushed::kGradients, step, context().learning_rate(step)));
    if (Recorder* const recorder = context().recorder; recorder != nullptr) {
      recorder->Record(staleness_, step, pushed.staleness);
      if (lead_ >= 0) recorder->Record(lead_, step, static_cast<double>(pushed.lead));
      if (dropped_ >= 0) recorder->Record(dropped_, step, static_cast<double>(pushed.dropped));
    }
    return pushed.cost;
  }

  absl::Status Fits(const Circumstances& circumstances) const override {
    return CheckSettings(settings_, circumstances);
  }

  std::vector<std::string> Warnings(const Circumstances& circumstances) const override {
    std::vector<std::string> warnings;
    const int n = circumstances.ranks;
    if (settings_.mode != "sync" && settings_.damping == ServerRule::Damping::kNone && n > 1)
      warnings.push_back(fmt::format(
          "{} workers apply their gradients one by one, each with the whole learning rate of {:.3g} and "
          "about "
          "{} updates late: training may diverge, or stay at the accuracy of a guess (0.1 with ten classes). "
          "Set /exchange/damping to \"workers\" (the learning rate over {}) or \"inverse\" (over 1 + "
          "staleness), or take a smaller /optimizer/learning_rate",
          n, circumstances.learning_rate, n - 1, n));
    if (settings_.dedicated_servers == 0 && settings_.shards > 1 && n > 1 && !circumstances.is_divided)
      warnings.push_back(fmt::format(
          "the parameters are spread over the workers themselves: if one of the first {} is lost, the run "
          "fails; with /exchange/dedicated_servers any worker can be",
          std::min<int64_t>(n, settings_.shards)));
    return warnings;
  }

  Pattern PatternOf(const Traffic& traffic) const override { return PushPattern(traffic, 1); }

 private:
  const ParameterServerSettings settings_;
  Recorder::Series staleness_ = -1, lead_ = -1, dropped_ = -1;
};

}  // namespace

absl::Status CheckSettings(const ParameterServerSettings& settings, const Circumstances& circumstances) {
  if (settings.shards > std::max<int64_t>(1, circumstances.floats))
    return absl::InvalidArgumentError(fmt::format("/exchange/shards: {} shards of {} parameters; take fewer",
                                                  settings.shards, circumstances.floats));
  if (settings.dedicated_servers > settings.shards)
    return absl::InvalidArgumentError(fmt::format(
        "/exchange/shards: {} for {} dedicated servers; each server needs at least one shard: take "
        "{} or more, or fewer servers",
        settings.shards, settings.dedicated_servers, settings.dedicated_servers));
  if (settings.backup_workers > 0 && settings.mode != "sync")
    return absl::InvalidArgumentError(
        fmt::format("/exchange/backup_workers: {} with mode \"{}\", which waits for nobody's gradient; only "
                    "\"sync\" has late ones to drop",
                    settings.backup_workers, settings.mode));
  // Each part's server would take whoever is there first, so that parts drop different gradients, get apart
  // by more than a step, and wait for copies that wait at another part.
  if (settings.backup_workers > 0 && circumstances.is_divided)
    return absl::InvalidArgumentError(fmt::format(
        "/exchange/backup_workers: {} with a model that is divided over a pipeline or tensor axis: "
        "each part would drop the gradients of other workers; take 0, or mode "
        "\"stale-synchronous\"",
        settings.backup_workers));
  if (settings.backup_workers > circumstances.ranks - 1)
    return absl::InvalidArgumentError(fmt::format(
        "/exchange/backup_workers: {} of {} workers; at least one gradient must be waited for: take "
        "at most {}",
        settings.backup_workers, circumstances.ranks, circumstances.ranks - 1));
  if (settings.compress_down && (settings.mode != "sync" || settings.backup_workers > 0))
    return absl::InvalidArgumentError(
        fmt::format("/exchange/compress_down: with {} servers answer with parameters, of which a codec of "
                    "gradients would "
                    "lose what nothing gives back; false, or mode \"sync\" without backup workers",
                    settings.mode != "sync" ? fmt::format("mode \"{}\"", settings.mode) : "backup workers"));
  if (settings.compress_down && (circumstances.codec_has_momentum || circumstances.codec_adds_up))
    return absl::InvalidArgumentError(fmt::format(
        "/exchange/compress_down: servers would use the codec of /gradient too, and {}; false, or another "
        "codec",
        circumstances.codec_has_momentum ? "its momentum would act twice"
                                         : "who receives adds up what one worker sends, not what both do"));
  if (settings.damping != ServerRule::Damping::kNone && settings.mode == "sync")
    return absl::InvalidArgumentError(
        "/exchange/damping: the mean of a synchronous step has no staleness; set it to \"none\", or mode to "
        "\"async\" or \"stale-synchronous\"");
  return absl::OkStatus();
}

std::unique_ptr<Exchange> MakeAsyncServerExchange(const ParameterServerSettings& settings) {
  return std::make_unique<AsyncServerExchange>(settings);
}

}  // namespace concertina
