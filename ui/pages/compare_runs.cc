// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_runs.cc: see compare_runs.h.
#include "ui/pages/compare_runs.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QThreadPool>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "core/analysis/export_comparison.h"
#include "ui/charts/flow_layout.h"
#include "ui/charts/report_pdf.h"
#include "ui/client/mailbox.h"
#include "ui/client/number_format.h"
#include "ui/forms/ask.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/compare_beside.h"
#include "ui/pages/compare_curves.h"
#include "ui/pages/compare_plots.h"
#include "ui/pages/empty_state.h"
#include "ui/pages/monitor_table.h"

namespace concertina::ui {
namespace {

constexpr double kTargetStep = 0.005;

// A figure, and beneath it what it is against the baseline: green or red where chance did not do it, with a
// mark beside the colour.
class ResultDelegate : public TableDelegate {
 public:
  using TableDelegate::TableDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& given, const QModelIndex& index) const override {
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    const QString text = option.text, detail = detailOf(index);
    const QRect room = paintGround(painter, option);
    const int high = option.fontMetrics.height(), lines = detail.isEmpty() ? 1 : 2;
    QRect line(room.left(), room.center().y() - high * lines / 2, room.width(), high);
    painter->save();
    painter->setFont(option.font);
    painter->setPen(textColor(option));
    const auto draw = [&](const QString& words) {
      painter->drawText(line, int(option.displayAlignment),
                        option.fontMetrics.elidedText(words, Qt::ElideRight, room.width()));
      line.translate(0, high);
    };
    draw(text);
    if (!detail.isEmpty()) {
      const int verdict = index.data(ComparisonResultsModel::kVerdictRole).toInt();
      if (!option.state.testFlag(QStyle::State_Selected))
        painter->setPen(toneColor(option.palette, verdict > 0   ? Tone::kGood
                                                  : verdict < 0 ? Tone::kError
                                                                : Tone::kQuiet));
      draw(detail);
    }
    painter->restore();
  }
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QSize size = TableDelegate::sizeHint(option, index);
    const int room = size.width() - option.fontMetrics.horizontalAdvance(index.data().toString());
    size.setWidth(std::max(size.width(), option.fontMetrics.horizontalAdvance(detailOf(index)) + room));
    return size;
  }

 private:
  static QString detailOf(const QModelIndex& index) {
    const QString detail = index.data(ComparisonResultsModel::kDetailRole).toString();
    const int verdict = index.data(ComparisonResultsModel::kVerdictRole).toInt();
    return verdict > 0 ? QStringLiteral("✓ ") + detail : verdict < 0 ? QStringLiteral("✗ ") + detail : detail;
  }
};

}  // namespace

CompareRuns::CompareRuns(EngineClient& client, QWidget* parent)
    : QWidget(parent),
      comparison_(client),
      results_(comparison_),
      settings_(comparison_),
      mailbox_(std::make_shared<Mailbox>(this)) {
  setObjectName(QStringLiteral("compareRuns"));
  swapped_results_.setSourceModel(&results_);
  swapped_settings_.setSourceModel(&settings_);
  const int unit = rhythmUnit(this);
  auto* body = new QWidget(this);
  auto* layout = new QVBoxLayout(body);
  layout->setContentsMargins(unit * 3, unit * 2, unit * 3, unit);
  layout->setSpacing(unit);
  layout->addWidget(makeBar());
  layout->addWidget(makeTabs(), 1);
  message_ = new QLabel(this);
  message_->setObjectName(QStringLiteral("compareRuns.message"));
  message_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  message_->setWordWrap(true);
  message_->hide();
  layout->addWidget(message_);

  QPushButton* choose = nullptr;
  QWidget* empty =
      makeEmptyState({.icon = QStringLiteral("compare"),
                      .title = tr("No runs to compare"),
                      .lead = tr("In Runs, choose two or more (Ctrl and click, or Shift and the arrow keys) "
                                 "and press Compare."),
                      .button = tr("Choose Runs"),
                      .button_name = QStringLiteral("compareRuns.emptyButton")},
                     this, &choose);
  connect(choose, &QPushButton::clicked, this, &CompareRuns::runsRequested);
  stack_ = new QStackedWidget(this);
  stack_->addWidget(empty);
  stack_->addWidget(body);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(stack_);

  connect(&comparison_, &RunComparison::groupsChanged, this, &CompareRuns::showGroups);
  connect(&comparison_, &RunComparison::figuresChanged, this, [this] {
    showTarget();
    grow();
  });
  connect(&settings_, &QAbstractItemModel::modelReset, this, &CompareRuns::fit);
  showGroups();
}

CompareRuns::~CompareRuns() {
  mailbox_->Close();
  // The views first: they look at models that are members.
  qDeleteAll(findChildren<QWidget*>(Qt::FindDirectChildrenOnly));
}

QWidget* CompareRuns::makeBar() {
  const int unit = rhythmUnit(this);
  auto* bar = new QWidget(this);
  auto* back = new QPushButton(lineIcon(QStringLiteral("back")), tr("Codecs"), bar);
  back->setObjectName(QStringLiteral("compareRuns.backButton"));
  back->setToolTip(tr("Comparisons of codecs and links"));
  connect(back, &QPushButton::clicked, this, &CompareRuns::closed);
  auto* title = new QLabel(tr("Compare"), bar);
  title->setFont(scaledFont(font(), 1.6, QFont::DemiBold));
  count_ = new QLabel(bar);
  count_->setObjectName(QStringLiteral("compareRuns.count"));
  setTone(count_, "quiet");
  seeds_ = new QCheckBox(tr("&Seeds as one"), bar);
  seeds_->setObjectName(QStringLiteral("compareRuns.seedsAsOne"));
  seeds_->setChecked(comparison_.seedsAsOne());
  seeds_->setToolTip(tr("Runs that differ in nothing but the seed are drawn as one mean with a band"));
  connect(seeds_, &QCheckBox::toggled, &comparison_, &RunComparison::setSeedsAsOne);
  baseline_ = new QComboBox(bar);
  baseline_->setObjectName(QStringLiteral("compareRuns.baseline"));
  baseline_->setAccessibleName(tr("Baseline"));
  baseline_->setToolTip(tr("What the others are held against"));
  baseline_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  baseline_->setMinimumContentsLength(18);
  connect(baseline_, &QComboBox::activated, this,
          [this](int row) { comparison_.setBaseline(baseline_->itemData(row).toString()); });
  target_ = new QDoubleSpinBox(bar);
  target_->setObjectName(QStringLiteral("compareRuns.target"));
  target_->setAccessibleName(tr("Target accuracy"));
  target_->setToolTip(tr("Epochs, time and bytes are counted to this test accuracy"));
  target_->setRange(0, 1);
  target_->setDecimals(4);
  target_->setSingleStep(kTargetStep);
  target_->setButtonSymbols(QAbstractSpinBox::NoButtons);  // the arrow keys turn it
  target_->setKeyboardTracking(false);
  connect(target_, &QDoubleSpinBox::valueChanged, &comparison_, &RunComparison::setTarget);
  report_ = new QPushButton(lineIcon(QStringLiteral("save")), tr("Report…"), bar);
  report_->setObjectName(QStringLiteral("compareRuns.reportButton"));
  report_->setToolTip(tr("All of it as one file to send: an HTML page, which needs nothing else, or a PDF"));
  connect(report_, &QPushButton::clicked, this, &CompareRuns::saveReport);

  // In a narrow window they take a second line.
  auto* tools = new QWidget(bar);
  auto* flow = new FlowLayout(tools, unit, Qt::AlignRight);
  const auto named = [&](const QString& text, QWidget* field) {
    auto* pair = new QWidget(tools);
    auto* label = new QLabel(text, pair);
    label->setBuddy(field);
    setTone(label, "quiet");
    auto* beside = new QHBoxLayout(pair);
    beside->setContentsMargins(0, 0, 0, 0);
    beside->setSpacing(unit / 2);
    beside->addWidget(label);
    beside->addWidget(field);
    return pair;
  };
  for (QWidget* tool :
       {static_cast<QWidget*>(seeds_), named(tr("&Baseline"), baseline_), named(tr("&Target"), target_),
        static_cast<QWidget*>(report_), static_cast<QWidget*>(back)})
    flow->addWidget(tool);
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(unit);
  row->addWidget(title);
  row->addWidget(count_, 0, Qt::AlignBaseline);
  row->addWidget(tools, 1);
  return bar;
}

QWidget* CompareRuns::makeTabs() {
  const int unit = rhythmUnit(this);
  tabs_ = new QTabWidget(this);
  tabs_->setObjectName(QStringLiteral("compareRuns.tabs"));
  tabs_->setDocumentMode(true);
  curves_ = new CompareCurves(comparison_, tabs_);
  connect(curves_, &CompareCurves::saved, this, [this](const QString& error) { say(error, true); });
  plots_ = new ComparePlots(comparison_, settings_, tabs_);
  connect(plots_, &ComparePlots::saved, this, &CompareRuns::say);
  connect(plots_, &ComparePlots::kept, curves_, &CompareCurves::showOnly);
  results_table_ = makeTable(QStringLiteral("compareRuns.results"), &results_, 5, tabs_);
  results_table_->setAccessibleName(tr("Results"));
  results_table_->setItemDelegate(new ResultDelegate(results_table_));
  results_table_->setSelectionMode(QAbstractItemView::SingleSelection);
  results_table_->horizontalHeader()->setStretchLastSection(false);
  connect(results_table_, &QTableView::activated, this, [this](const QModelIndex& index) {
    emit opened(index.data(ComparisonResultsModel::kRunRole).toString());
  });
  settings_table_ = makeTable(QStringLiteral("compareRuns.settings"), &settings_, 3.25, tabs_);
  settings_table_->setAccessibleName(tr("Settings that differ"));
  settings_table_->horizontalHeader()->setStretchLastSection(false);
  auto* same = new QLabel(tr("The settings do not differ."), tabs_);
  same->setObjectName(QStringLiteral("compareRuns.sameSettings"));
  same->setAlignment(Qt::AlignCenter);
  setTone(same, "quiet");
  settings_stack_ = new QStackedWidget(tabs_);
  settings_stack_->addWidget(same);
  settings_stack_->addWidget(inCard(settings_table_, settings_stack_));
  const auto padded = [&](QWidget* inner) {
    auto* around = new QWidget(tabs_);
    auto* inside = new QVBoxLayout(around);
    inside->setContentsMargins(0, unit * 3 / 2, 0, unit);
    inside->addWidget(inner);
    return around;
  };
  auto* sides = new QSplitter(tabs_);
  sides->setObjectName(QStringLiteral("compareRuns.sides"));
  sides->setChildrenCollapsible(false);
  beside_ = new CompareBeside(comparison_, results_, sides);
  sides->addWidget(curves_);
  sides->addWidget(beside_);
  sides->setStretchFactor(0, 1);
  sides->setSizes({charactersWide(this, 100), charactersWide(this, 46)});
  connect(curves_->tableButton(), &QToolButton::toggled, beside_, &QWidget::setVisible);
  connect(curves_, &CompareCurves::highlighted, beside_, &CompareBeside::setLit);
  connect(beside_, &CompareBeside::pointedAt, curves_, &CompareCurves::highlight);
  connect(beside_, &CompareBeside::opened, this, &CompareRuns::opened);
  tabs_->addTab(sides, tr("Curves"));
  tabs_->addTab(padded(inCard(results_table_, tabs_)), tr("Results"));
  tabs_->addTab(padded(settings_stack_), tr("Settings"));
  tabs_->addTab(plots_, tr("Plots"));
  tabs_->setCornerWidget(makeTableButton());
  connect(tabs_, &QTabWidget::currentChanged, this,
          [this] { table_button_->setVisible(tableInFront() != nullptr); });
  return tabs_;
}

void CompareRuns::setRuns(const QVector<proto::RunSummary>& runs) {
  say({}, false);
  comparison_.setRuns(runs);
}

bool CompareRuns::findSeries() {
  if (comparison_.runs().empty()) return false;
  tabs_->setCurrentIndex(0);
  curves_->findSeries();
  return true;
}

void CompareRuns::showGroups() {
  const size_t runs = comparison_.runs().size(), groups = comparison_.groups().size();
  stack_->setCurrentIndex(runs == 0 ? 0 : 1);
  //: 1 run; 6 runs; 6 runs in 2 groups
  count_->setText(runs == 1        ? tr("1 run")
                  : groups == runs ? tr("%1 runs").arg(runs)
                  : groups == 1    ? tr("%1 runs in 1 group").arg(runs)
                                   : tr("%1 runs in %2 groups").arg(runs).arg(groups));
  const QSignalBlocker still(baseline_);
  baseline_->clear();
  for (const RunGroup& group : comparison_.groups())
    baseline_->addItem(QString::fromStdString(group.label),
                       QString::fromStdString(comparison_.runs()[group.runs[0]].id));
  baseline_->setCurrentIndex(int(comparison_.baselineGroup()));
  settings_stack_->setCurrentIndex(settings_.rowCount() > 0 ? 1 : 0);
  showTarget();
  fit();
}

void CompareRuns::showTarget() {
  const double target = comparison_.target();
  target_->setEnabled(std::isfinite(target));
  if (!std::isfinite(target) || target_->hasFocus()) return;  // not while somebody is writing
  const QSignalBlocker still(target_);
  target_->setValue(target);
}

void CompareRuns::saveReport() {
  if (comparison_.runs().empty()) return;
  const QString path = askForFile(this, {.what = FileQuestion::What::kSaveFile,
                                         .title = tr("Save the Comparison"),
                                         .start = QStringLiteral("comparison.html"),
                                         .filter = tr("HTML files (*.html);;PDF files (*.pdf)"),
                                         .suffix = QStringLiteral("html")});
  if (path.isEmpty()) return;
  report_->setEnabled(false);
  say(tr("Writing %1…").arg(path), false);
  // A page of twenty runs takes a moment to write, and a disk may take longer.
  QThreadPool::globalInstance()->start(
      [this, mailbox = mailbox_, report = comparison_.report(seriesTitle), path] {
        const std::string html = ComparisonHtml(report);
        const absl::Status status = writeReport(html, path);
        const QString error = QString::fromStdString(std::string(status.message()));
        mailbox->Post([this, path, error] {
          report_->setEnabled(true);
          say(error.isEmpty() ? tr("The comparison is in %1").arg(path) : error, !error.isEmpty());
        });
      });
}

void CompareRuns::say(const QString& text, bool problem) {
  message_->setText(text);
  setTone(message_, problem ? "error" : "quiet");
  message_->setVisible(!text.isEmpty());
}

void CompareRuns::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  comparison_.setActive(true);
  fit();
}

void CompareRuns::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  comparison_.setActive(false);
}

}  // namespace concertina::ui
