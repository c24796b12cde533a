// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// easgd_exchange.cc: each worker trains parameters of its own, and now and then an elastic pulls them and a
// centre towards each other.
//   every step:             x_i <- x_i - lr g(x_i), by the worker's own optimiser
//   every tau-th step:      x_i <- x_i - alpha (x_i - c),  c <- c + alpha (x_i - c),  alpha = beta / N
// [Zhang, Choromanska, LeCun 2015, algorithm 1]. The centre lies with servers, which take workers as they
// come.
// Through a codec Q the elastic is compressed, not the parameters. Worker and server both keep h_i, what the
// server knows of x_i, from a first visit on that goes whole; then a visit is
//   q = Q(x_i - h_i)          up      h_i <- h_i + q                                   at both ends
//   s = Q(alpha (h_i - c))    down    x_i <- x_i - s,  h_i <- h_i - s,  c <- c + s
// Both ends apply the same decoded floats, so x_i + c changes by nothing but gradients. What Q holds back up
// stays in x_i - h_i, and what it holds back down in h_i - c, and comes at a later visit: error feedback
// without a residual of its own, as in EF21 [Richtarik, Sokolov, Fatkhullin, NeurIPS 2021], whose argument
// asks for a contractive Q. A residual added to alpha (h_i - c) besides would count it again at each visit.
// On the way of the data: worker/step_loop.cc -> here -> parallel/served_exchange.h.
#include "core/base/registry.h"
#include "core/parallel/public_copy_exchange.h"
#include "core/parallel/served_exchange.h"
#include "fmt/format.h"

namespace concertina {
namespace {

struct EasgdSettings {
  int64_t period = 10;
  double moving_rate = 0.9;
  int64_t shards = 1;
  int dedicated_servers = 0;
};

class EasgdExchange final : public ServedExchange {
 public:
  explicit EasgdExchange(const EasgdSettings& settings)
      : ServedExchange(
            {.shards = settings.shards,
             .dedicated_servers = settings.dedicated_servers,
             .rule = {.update = ServerRule::Update::kElastic, .moving_rate = settings.moving_rate}}),
        settings_(settings) {}

  absl::Status Prepare(const ExchangeContext& context) override {
    RETURN_IF_ERROR(ServedExchange::Prepare(context));
    if (context.recorder != nullptr)
      staleness_ = context.recorder->Open("async/staleness", "", RankFold::kMean);
    return absl::OkStatus();
  }

  absl::StatusOr<ExchangeCost> Finish(int64_t step, const Apply& apply) override {
    apply(0, static_cast<int64_t>(context().parameters.size()));
    if ((step + 1) % settings_.period != 0) return ExchangeCost{};
    ASSIGN_OR_RETURN(const PushResult pushed, Push(Pushed::kParameters, step, 0));
    if (context().recorder != nullptr) context().recorder->Record(staleness_, step, pushed.staleness);
    return pushed.cost;
  }

  absl::Status Fits(const Circumstances& circumstances) const override {
    RETURN_IF_ERROR(FitsDifferences("easgd", circumstances));
    if (settings_.dedicated_servers > settings_.shards)
      return absl::InvalidArgumentError(
          fmt::format("/exchange/shards: {} for {} dedicated servers; each server needs at least one shard",
                      settings_.shards, settings_.dedicated_servers));
    if (settings_.shards > std::max<int64_t>(1, circumstances.floats))
      return absl::InvalidArgumentError(
          fmt::format("/exchange/shards: {} shards of {} parameters; take fewer", settings_.shards,
                      circumstances.floats));
    return absl::OkStatus();
  }

  bool keeps_what_is_not_sent() const override { return true; }
  std::vector<std::string> Warnings(const Circumstances& circumstances) const override {
    return DifferenceWarnings("easgd", circumstances);
  }

  Pattern PatternOf(const Traffic& traffic) const override {
    return PushPattern(traffic, 1 / static_cast<double>(settings_.period));
  }

 private:
  // Of steps every sixteenth would be measured, which may never be one of a visit.
  int64_t VisitAt(int64_t step) const override { return step / settings_.period; }

  const EasgdSettings settings_;
  Recorder::Series staleness_ = -1;
};

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "easgd",
         .title = "Elastic averaging",
         .summary =
             "Workers train apart and are pulled towards a common centre, and it towards them, every few "
             "steps. With a codec both ends move by the same compressed difference.",
         .citation = "Zhang, Choromanska, LeCun. Deep learning with Elastic Averaging SGD. NIPS 2015",
         .params =
             {{.name = "period",
               .type = ParamType::kInteger,
               .unit = "steps",
               .default_value = 10,
               .minimum = 1,
               .maximum = 100000,
               .doc = "tau, the steps that a worker makes alone between two visits to the centre. Bytes fall "
                      "with "
                      "it: 8 d / tau a step and worker, and less with a codec, which acts on differences "
                      "both ways."},
              {.name = "moving_rate",
               .default_value = 0.9,
               .minimum = 0,
               .maximum = 1,
               .doc =
                   "beta = N alpha: a visit moves worker and centre each by alpha = beta / N of the distance "
                   "between them. Small: workers explore far; 0: they never meet; above 1 the centre would "
                   "overshoot when all pull at once."},
              {.name = "shards",
               .type = ParamType::kInteger,
               .default_value = 1,
               .minimum = 1,
               .maximum = 256,
               .doc = "Into how many pieces the centre is cut, one server's each in turn."},
              {.name = "dedicated_servers",
               .type = ParamType::kInteger,
               .default_value = 0,
               .minimum = 0,
               .maximum = 256,
               .doc = "Ranks that only keep the centre, counted in /workers besides those that train. 0: "
                      "shard s "
                      "lies with worker s mod N, which serves it while it trains. Of a model that is divided "
                      "over a pipeline or tensor axis each part has as many."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<EasgdExchange>(
          EasgdSettings{.period = params.Integer("period"),
                        .moving_rate = params.Number("moving_rate"),
                        .shards = params.Integer("shards"),
                        .dedicated_servers = static_cast<int>(params.Integer("dedicated_servers"))});
    });

}  // namespace
}  // namespace concertina
