// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// charts.cc: how the desktop's own widgets feel with much in them: charts [RUNS_OF_THE_TABLE [POINTS]].
// A frame of a chart of 20 runs of a million points while a hand pans and zooms, a key in the filter of
// 10,000 runs, opening a run of 10 million points, and the memory of a Monitor's curves as a run goes on.
// Prints Markdown. Draws in software, without a display unless QT_QPA_PLATFORM names one.
#include <malloc.h>

#include <QApplication>
#include <QDateTime>
#include <QElapsedTimer>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMouseEvent>
#include <QTableView>
#include <QTemporaryDir>
#include <QWheelEvent>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/engine/series_query.h"
#include "core/store/store.h"
#include "fmt/format.h"
#include "tests/ui/fake_engine.h"
#include "ui/charts/palette.h"
#include "ui/charts/series_chart.h"
#include "ui/pages/monitor_charts.h"
#include "ui/pages/runs_page.h"

namespace concertina::ui {
namespace {

constexpr int64_t kStepsOfARun = 1'000'000;
constexpr int kCurves = 20;
constexpr int kPastPoints = 2000;  // as pages/monitor_page.cc asks for
constexpr double kSmoothing = 0.9;
const QSize kChartSize(1280, 720);  // the largest card; most are a quarter of it

std::string Processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

double MsOf(const QElapsedTimer& clock) { return 1e-6 * double(clock.nsecsElapsed()); }

// All that waits, and what comes of it: repaints, timers of no time.
void Settle() { QCoreApplication::processEvents(QEventLoop::AllEvents, 2000); }

template <class Condition>
void WaitFor(const char* what, Condition holds) {
  QElapsedTimer clock;
  clock.start();
  while (!holds()) {
    QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
    if (clock.elapsed() < 60'000) continue;
    fmt::print(stderr, "charts: {} did not happen within 60 s\n", what);
    std::exit(1);
  }
}

template <class T>
T OrEnd(absl::StatusOr<T> result) {
  if (!result.ok()) {
    fmt::print(stderr, "charts: {}\n", std::string(result.status().message()));
    std::exit(1);
  }
  return *std::move(result);
}

// Has a widget been painted since?
class PaintWatch : public QObject {
 public:
  explicit PaintWatch(QWidget* widget) { widget->installEventFilter(this); }
  bool painted = false;
  bool eventFilter(QObject*, QEvent* event) override {
    painted |= event->type() == QEvent::Paint;
    return false;
  }
};

void PrintTimes(const char* what, double target_ms, std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double share) {
    return ms[std::min(ms.size() - 1, size_t(share * double(ms.size())))];
  };
  fmt::print("| {} | {} | {:.1f} ms | {:.1f} ms | {:.1f} ms | {:.0f} ms |\n", what, ms.size(), at(0.5),
             at(0.99), ms.back(), target_ms);
  std::fflush(stdout);
}

// Rows of a live stream, with the loss alone.
proto::MetricUpdate LossRows(const SyntheticRun& run, int64_t from, int64_t to) {
  proto::MetricUpdate update;
  proto::MetricUpdate::Column* column = update.add_columns();
  column->set_series("train/loss");
  column->set_rank(MetricModel::kWholeRun);
  for (int64_t step = from + 1; step <= to; ++step) {
    column->add_values(run.loss(step));
    update.add_steps(step);
    update.add_seconds(run.seconds(step));
    update.add_epochs(run.epoch(step));
    update.add_bytes(run.bytes(step));
  }
  return update;
}

ChartCurve LossCurve(int color, const MetricModel& metrics) {
  const QString id = QStringLiteral("run %1").arg(color + 1);
  return {.id = id,
          .label = id,
          .light = seriesColor(color, false),
          .dark = seriesColor(color, true),
          .data = metrics.curve(QStringLiteral("train/loss"), XAxis::kStep)};
}

// What one movement of a hand costs, from its event to the painted widget.
template <class Move>
std::vector<double> TimeFrames(SeriesChart& chart, int frames, Move move) {
  PaintWatch watch(chart.viewport());
  std::vector<double> ms;
  for (int frame = 0; frame < frames; ++frame) {
    Settle();
    watch.painted = false;
    QElapsedTimer clock;
    clock.start();
    move(frame);
    WaitFor("a frame", [&] { return watch.painted; });
    ms.push_back(MsOf(clock));
  }
  return ms;
}

void Mouse(SeriesChart& chart, QEvent::Type type, const QPointF& at, Qt::MouseButton button,
           Qt::MouseButtons buttons) {
  QMouseEvent event(type, at, chart.viewport()->mapToGlobal(at), button, buttons, Qt::NoModifier);
  QCoreApplication::sendEvent(chart.viewport(), &event);
}

void TimeAChart() {
  constexpr int kFrames = 200;
  constexpr int64_t kRowsAtOnce = 10'000;
  std::vector<std::unique_ptr<MetricModel>> runs;
  for (int i = 0; i < kCurves; ++i) {
    const SyntheticRun run{.seed = uint64_t(i + 1)};
    runs.push_back(std::make_unique<MetricModel>());
    for (int64_t step = 0; step < kStepsOfARun; step += kRowsAtOnce)
      runs.back()->append(LossRows(run, step, step + kRowsAtOnce));
  }
  for (const double smoothing : {0.0, kSmoothing}) {
    SeriesChart chart;
    chart.setSmoothing({.beta = smoothing});
    chart.setSource([&] {
      QVector<ChartCurve> curves;
      for (int i = 0; i < kCurves; ++i) curves.push_back(LossCurve(i, *runs[size_t(i)]));
      return curves;
    });
    chart.resize(kChartSize);
    chart.show();
    WaitFor("the chart", [&] { return chart.xRange().to >= double(kStepsOfARun); });
    const char* const of = smoothing > 0 ? ", smoothed" : "";
    const QPointF middle = chart.viewport()->rect().center();
    const auto pan = [&](const std::string& what) {
      Mouse(chart, QEvent::MouseButtonPress, middle, Qt::MiddleButton, Qt::MiddleButton);
      PrintTimes(what.c_str(), 16, TimeFrames(chart, kFrames, [&](int frame) {
                   const int away = frame % 100 < 50 ? frame % 50 : 50 - frame % 50;  // there and back
                   Mouse(chart, QEvent::MouseMove, middle + QPointF(4 * away + 2, 0), Qt::NoButton,
                         Qt::MiddleButton);
                 }));
      Mouse(chart, QEvent::MouseButtonRelease, middle, Qt::MiddleButton, Qt::NoButton);
    };
    pan(fmt::format("panning, all of the run in sight{}", of));
    PrintTimes(fmt::format("zooming by wheel{}", of).c_str(), 16, TimeFrames(chart, kFrames, [&](int frame) {
                 QWheelEvent event(middle, chart.viewport()->mapToGlobal(middle), {},
                                   {0, frame % 20 < 10 ? 120 : -120}, Qt::NoButton, Qt::ControlModifier,
                                   Qt::NoScrollPhase, false);
                 QCoreApplication::sendEvent(chart.viewport(), &event);
               }));
    chart.zoomTo(0.45 * double(kStepsOfARun), 0.55 * double(kStepsOfARun));
    pan(fmt::format("panning, a tenth in sight{}", of));
    chart.resetZoom();
    PrintTimes(fmt::format("reading off with the pointer{}", of).c_str(), 16,
               TimeFrames(chart, kFrames, [&](int frame) {
                 Mouse(chart, QEvent::MouseMove, middle + QPointF(frame % 2 == 0 ? frame : -frame, 1),
                       Qt::NoButton, Qt::NoButton);
               }));
  }
}

proto::RunSummary RunOfTheTable(int number) {
  constexpr const char* kModels[] = {"LeNet-5", "ResNet-8", "ResNet-20", "LeNet-300-100"};
  constexpr const char* kTags[] = {"ablation", "baseline", "warm-up", "sweep 12"};
  const proto::RunState state = number < 3         ? proto::RUNNING
                                : number % 17 == 0 ? proto::FAILED
                                : number % 13 == 0 ? proto::STOPPED
                                                   : proto::FINISHED;
  proto::RunSummary run = FakeEngine::makeRun(
      fmt::format("20261128-{:06}-{:06x}", number, number * 2654435761u % 0xffffff),
      fmt::format("{}, ring, top-k {} ‰, seed {}", kModels[number % 4], 1 + number % 50, number % 7), state);
  SyntheticRun{.seed = uint64_t(number + 1)}.summarise(run, 1 + number % 705);
  std::string spec = run.spec_json();
  const std::string momentum = "\"momentum\": 0.9";
  spec.replace(spec.find(momentum), momentum.size(), fmt::format("\"momentum\": {}", 0.1 * (number % 10)));
  run.set_spec_json(spec);
  run.set_created_unix_ms(run.created_unix_ms() - int64_t(number) * 60'000);
  if (number % 3 == 0) run.mutable_marks()->add_tags(kTags[number / 3 % 4]);
  if (number % 29 == 0) run.mutable_marks()->set_note("The loss of epoch 2 stands out; repeat with warm-up.");
  return run;
}

void TimeTheTable(int runs) {
  QTemporaryDir folder;
  FakeEngine engine;
  engine.start(folder.filePath(QStringLiteral("engine.sock")));
  for (int number = 0; number < runs; ++number) engine.put(RunOfTheTable(number));
  EngineClient client;
  RunsPage page(client);
  page.resize(1600, 1000);
  page.show();
  client.start({}, engine.address());
  auto* table = page.findChild<QTableView*>(QStringLiteral("runsPage.table"));
  auto* filter = page.findChild<QLineEdit*>(QStringLiteral("runsPage.filterEdit"));
  WaitFor("the table", [&] { return table->model()->rowCount() == runs; });
  std::vector<double> typed, deleted;
  const auto press = [&](int key, const QString& text, std::vector<double>& ms) {
    Settle();
    QElapsedTimer clock;
    clock.start();
    QKeyEvent event(QEvent::KeyPress, key, Qt::NoModifier, text);
    QCoreApplication::sendEvent(filter, &event);
    Settle();
    ms.push_back(MsOf(clock));
  };
  for (int round = 0; round < 3; ++round)
    for (const char* text : {"resnet-20 seed 3", "state=failed test_accuracy>0.8", "tag=ablation",
                             "/optimizer/momentum<0.9 ring", "20261128-004"}) {
      for (const QChar letter : QString::fromLatin1(text)) press(0, letter, typed);
      while (!filter->text().isEmpty()) press(Qt::Key_Backspace, {}, deleted);
    }
  PrintTimes(fmt::format("a key typed into the filter of {} runs", runs).c_str(), 50, typed);
  PrintTimes("a key taken back", 50, deleted);
}

SeriesData DataOf(const proto::GetSeriesReply& reply) {
  const auto values = [](const auto& field) { return QVector<double>(field.begin(), field.end()); };
  return {values(reply.x()),   values(reply.mean()),         values(reply.min()),
          values(reply.max()), qint64(reply.total_points()), QString::fromStdString(reply.unit())};
}

void FillStore(const std::string& path, int64_t points) {
  const std::unique_ptr<Store> store = OrEnd(Store::Open(path));
  store->PutRun({.id = "long", .name = "long", .state = "finished", .spec_json = "{}"});
  const SyntheticRun run;
  constexpr int64_t kAtOnce = 4096;
  std::vector<int64_t> steps;
  std::vector<double> seconds, losses, bytes;
  for (int64_t from = 0; from < points; from += kAtOnce) {
    for (auto* each : {&seconds, &losses, &bytes}) each->clear();
    steps.clear();
    for (int64_t step = from; step < std::min(points, from + kAtOnce); ++step) {
      steps.push_back(step);
      seconds.push_back(run.seconds(step));
      losses.push_back(run.loss(step));
      bytes.push_back(run.bytes(step));
    }
    store->Append("long", "train/loss", kWholeRun, "", steps, seconds, losses);
    store->Append("long", "comm/bytes_total", kWholeRun, "B", steps, seconds, bytes);
  }
  if (const absl::Status status = store->Sync(); !status.ok()) OrEnd<int>(status);
}

// As the engine and the Monitor do it: one curve, and over every axis which step is where. The store has been
// opened, as an engine's is, but has read nothing of the run yet; its pages are in the system's cache.
void TimeOpening(int64_t points) {
  QTemporaryDir folder;
  const std::string path = folder.filePath(QStringLiteral("store.sqlite")).toStdString();
  FillStore(path, points);
  MetricModel metrics;
  SeriesChart chart;
  chart.setSmoothing({.beta = kSmoothing});
  chart.resize(kChartSize);
  chart.setSource([&] { return QVector<ChartCurve>{LossCurve(0, metrics)}; });
  QObject::connect(&metrics, &MetricModel::curvesChanged, &chart, &SeriesChart::invalidate);
  chart.show();
  PaintWatch watch(chart.viewport());
  std::vector<double> queries, pictures;
  for (int time = 0; time < 20; ++time) {
    const std::unique_ptr<Store> store = OrEnd(Store::Open(path));
    metrics.clear();  // the run that stood there before
    WaitFor("the empty chart", [&] { return chart.curves().value(0).data.isEmpty(); });
    QElapsedTimer clock;
    clock.start();
    proto::GetSeriesRequest request;
    request.set_run("long");
    request.set_name("train/loss");
    request.set_rank(kWholeRun);
    request.set_max_points(kPastPoints);
    const auto ask = [&](XAxis axis) {
      request.set_x(xAxisWord(axis).toStdString());
      return DataOf(OrEnd(QuerySeries(*store, request, double(SyntheticRun().steps_per_epoch))));
    };
    OrEnd(store->ListSeries("long"));
    const SeriesData over_steps = ask(XAxis::kStep);
    metrics.fill(QStringLiteral("train/loss"), MetricModel::kWholeRun, over_steps);
    for (const XAxis axis : {XAxis::kEpoch, XAxis::kSeconds, XAxis::kBytes})
      metrics.fillAxis(axis, over_steps, ask(axis));
    queries.push_back(MsOf(clock));
    const auto stands = [&] { return chart.xRange().to >= 0.99 * double(points) && watch.painted; };
    WaitFor("the curve", [&] {
      if (chart.curves().value(0).data.isEmpty()) watch.painted = false;
      return stands();
    });
    pictures.push_back(MsOf(clock));
  }
  PrintTimes(fmt::format("its curve and axes from the store, {:.0e} points", double(points)).c_str(), 200,
             queries);
  PrintTimes("until its first picture stands", 200, pictures);
}

// All series of a run, live, in the model and the charts of a Monitor that is looked at.
void PrintMemory() {
  constexpr int64_t kSteps = 50'000, kRowsAtOnce = 100;
  const SyntheticRun run;
  const auto in_use = [] {
    const struct mallinfo2 info = mallinfo2();
    return double(info.uordblks + info.hblkhd) / (1 << 20);
  };
  Settle();
  const double before = in_use();
  MetricModel metrics;
  MonitorCharts charts(metrics);
  QObject::connect(&metrics, &MetricModel::curvesChanged, &charts, &MonitorCharts::invalidate);
  charts.resize(1600, 1000);
  charts.show();
  fmt::print("\n| steps of a live run | its curves and charts hold |\n| --- | --- |\n");
  int64_t step = 0;
  for (const int64_t until : {kSteps, 2 * kSteps, 5 * kSteps, 10 * kSteps}) {
    for (; step < until; step += kRowsAtOnce) {
      metrics.append(run.rows(step, step + kRowsAtOnce));
      Settle();
    }
    QElapsedTimer rest;  // what was drawn last comes to its end
    rest.start();
    WaitFor("a rest", [&] { return rest.elapsed() > 1000; });
    fmt::print("| {} | {:.1f} MiB |\n", until, in_use() - before);
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace concertina::ui

int main(int argc, char** argv) {
  using namespace concertina::ui;
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  if (!qEnvironmentVariableIsSet("QT_LOGGING_RULES"))
    qputenv("QT_LOGGING_RULES", "default.warning=false");  // that platform's, of what it leaves out
  const QApplication app(argc, argv);
  const int runs = argc > 1 ? std::max(1, std::atoi(argv[1])) : 10'000;
  const int64_t points = argc > 2 ? std::max(10'000ll, std::atoll(argv[2])) : 10'000'000;
  fmt::print("{}, {} cores, {}, drawn by software on \"{}\"\n\n", Processor(),
             std::thread::hardware_concurrency(),
             QDateTime::currentDateTimeUtc().date().toString(Qt::ISODate).toStdString(),
             QGuiApplication::platformName().toStdString());
  fmt::print("| | times | median | 99 % | slowest | target |\n| --- | --- | --- | --- | --- | --- |\n");
  TimeAChart();
  TimeTheTable(runs);
  TimeOpening(points);
  PrintMemory();
  return 0;
}
