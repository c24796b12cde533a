// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_detail.cc: see compress_detail.h.
#include "ui/pages/compress_detail.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QPainter>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/charts/palette.h"
#include "ui/client/number_format.h"
#include "ui/client/recipe_detail_models.h"
#include "ui/client/recipe_details.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/compress_confusion.h"
#include "ui/pages/compress_layers.h"
#include "ui/pages/monitor_table.h"

namespace concertina::ui {
namespace {

// The sample, what it is, and from what to what the answer changed.
class AnswerDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& given, const QModelIndex& index) const override {
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    option.text.clear();
    const QStyle* style = option.widget->style();
    style->drawControl(QStyle::CE_ItemViewItem, &option, painter, option.widget);
    const int unit = rhythmUnit(option.widget), line = option.fontMetrics.height();
    QRectF room = QRectF(option.rect).adjusted(unit / 2.0, unit / 2.0, -unit / 2.0, -unit / 2.0);
    const QImage picture = index.data(ChangedAnswersModel::kPictureRole).value<QImage>();
    painter->save();
    if (!picture.isNull()) {
      // A table's row is a line of few pixels: it is drawn as a band.
      const QRectF place(room.left(), room.top(), room.width(), room.height() - 2 * line);
      const double side = std::min(place.width(), place.height());
      const double proportion = std::clamp(double(picture.width()) / picture.height(), 0.25, 4.0);
      const QSizeF size = proportion >= 1 ? QSizeF(side, side / proportion) : QSizeF(side * proportion, side);
      QRectF drawn(QPointF(), size);
      drawn.moveCenter(place.center());
      painter->setRenderHint(QPainter::SmoothPixmapTransform, false);
      painter->drawImage(drawn, picture);
    }
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const auto kind = ChangedAnswersModel::Kind(index.data(ChangedAnswersModel::kKindRole).toInt());
    const QColor plain = option.palette.color(selected ? QPalette::HighlightedText : QPalette::Text);
    const QColor colored = kind == ChangedAnswersModel::kBecameWrong ? toneColor(option.palette, Tone::kError)
                           : kind == ChangedAnswersModel::kBecameRight
                               ? toneColor(option.palette, Tone::kGood)
                               : plain;
    const QRectF label(room.left(), room.bottom() - 2 * line, room.width(), line);
    painter->setPen(plain);
    painter->drawText(label, Qt::AlignCenter,
                      option.fontMetrics.elidedText(index.data(ChangedAnswersModel::kLabelRole).toString(),
                                                    Qt::ElideRight, int(room.width())));
    painter->setPen(selected ? plain : colored);
    painter->drawText(label.translated(0, line), Qt::AlignCenter,
                      option.fontMetrics.elidedText(index.data(ChangedAnswersModel::kChangeRole).toString(),
                                                    Qt::ElideMiddle, int(room.width())));
    painter->restore();
  }
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
    const int unit = rhythmUnit(option.widget);
    return {unit * 14, unit * 10 + 2 * option.fontMetrics.height()};
  }
};

// The figure, and left of it a bar of how much it is.
class HarmDelegate : public TableDelegate {
 public:
  using TableDelegate::TableDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& given, const QModelIndex& index) const override {
    QStyleOptionViewItem option = given;
    if (index.column() == SensitivityModel::kKeep) {  // it can be pressed, and looks so
      option.font.setUnderline(true);
      option.palette.setColor(QPalette::Text, option.palette.color(QPalette::Link));
    }
    TableDelegate::paint(painter, option, index);
    if (index.column() != SensitivityModel::kHarm) return;
    initStyleOption(&option, index);
    const int pad = option.fontMetrics.height() / 2;
    const int figure = option.fontMetrics.horizontalAdvance(QStringLiteral("-00.00"));
    QRectF bar = QRectF(option.rect).adjusted(pad, 0, -2 * pad - figure, 0);
    if (bar.width() < pad) return;
    const double high = option.fontMetrics.xHeight();
    bar = QRectF(bar.left(), bar.center().y() - high / 2, bar.width(), high);
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const double share = index.data(SensitivityModel::kBarRole).toDouble();
    painter->fillRect(QRectF(bar.right() - share * bar.width(), bar.top(), share * bar.width(), high),
                      selected ? textColor(option) : seriesColor(1, onDarkGround(option.palette)));
  }
};

}  // namespace

struct CompressDetail::Impl {
  Impl(CompressDetail& pane, EngineClient& client) : pane(pane), details(client) {}

  // A tab whose content gives way to words where there is nothing to show.
  struct Tab {
    QStackedWidget* stack = nullptr;
    QLabel* empty = nullptr;
    QPushButton* button = nullptr;
    void say(const QString& words) const {
      empty->setText(words);
      stack->setCurrentIndex(words.isEmpty() ? 0 : 1);
    }
  };

  void build();
  Tab addTab(QWidget* content, const QString& title, const QString& name);
  QWidget* makeConfusion();
  QWidget* makeAnswers();
  QWidget* makeSensitivity();
  void showStep();
  QString missing() const;
  void showConfusion(const StepDetail* before, const StepDetail* now);
  void showAnswers(const StepDetail* now);
  void showSensitivity(const StepDetail* now);

  CompressDetail& pane;
  RecipeDetails details;
  ChangedAnswersModel answers_model;
  SensitivityModel sensitivity_model;
  int step = -1;

  QLabel* title = nullptr;
  QTabWidget* tabs = nullptr;
  CompressLayers* layers = nullptr;
  CompressConfusion* confusion = nullptr;
  QComboBox* view = nullptr;
  CompressConfusion::View wanted_view = CompressConfusion::kDifference;
  QLabel *cell = nullptr, *changes = nullptr, *scan = nullptr;
  QListView* answers = nullptr;
  Tab layers_tab, confusion_tab, answers_tab, sensitivity_tab;
};

CompressDetail::Impl::Tab CompressDetail::Impl::addTab(QWidget* content, const QString& title,
                                                       const QString& name) {
  const int unit = rhythmUnit(&pane);
  Tab tab;
  tab.stack = new QStackedWidget(tabs);
  auto* beside = new QWidget(tab.stack);
  tab.empty = new QLabel(beside);
  tab.empty->setObjectName(QStringLiteral("compressPage.%1Empty").arg(name));
  tab.empty->setWordWrap(true);
  tab.empty->setAlignment(Qt::AlignCenter);
  setTone(tab.empty, "quiet");
  tab.button = new QPushButton(beside);
  tab.button->hide();
  auto* column = new QVBoxLayout(beside);
  column->setContentsMargins(2 * unit, 2 * unit, 2 * unit, 2 * unit);
  column->addStretch(1);
  column->addWidget(tab.empty);
  column->addWidget(tab.button, 0, Qt::AlignHCenter);
  column->addStretch(1);
  tab.stack->addWidget(content);
  tab.stack->addWidget(beside);
  tabs->addTab(tab.stack, title);
  return tab;
}

QWidget* CompressDetail::Impl::makeConfusion() {
  const int unit = rhythmUnit(&pane);
  auto* content = new QWidget(tabs);
  view = new QComboBox(content);
  view->setObjectName(QStringLiteral("compressPage.confusionView"));
  view->setAccessibleName(tr("What the matrix shows"));
  view->addItems({tr("What changed"), tr("Before"), tr("Now")});
  cell = new QLabel(content);
  cell->setObjectName(QStringLiteral("compressPage.confusionCell"));
  setTone(cell, "quiet");
  confusion = new CompressConfusion(content);
  auto* row = new QHBoxLayout;
  row->addWidget(view);
  row->addWidget(cell, 1);
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, unit / 2, 0, 0);
  column->setSpacing(unit / 2);
  column->addLayout(row);
  column->addWidget(confusion, 1);
  connect(view, &QComboBox::currentIndexChanged, &pane, [this](int index) {
    wanted_view = CompressConfusion::View(index);
    confusion->setView(wanted_view);
  });
  connect(confusion, &CompressConfusion::cellChosen, cell, &QLabel::setText);
  return content;
}

QWidget* CompressDetail::Impl::makeAnswers() {
  const int unit = rhythmUnit(&pane);
  auto* content = new QWidget(tabs);
  changes = new QLabel(content);
  changes->setObjectName(QStringLiteral("compressPage.changes"));
  changes->setWordWrap(true);
  setTone(changes, "quiet");
  answers = new QListView(content);
  answers->setObjectName(QStringLiteral("compressPage.answers"));
  answers->setAccessibleName(tr("Test samples whose answer changed"));
  answers->setModel(&answers_model);
  answers->setItemDelegate(new AnswerDelegate(answers));
  answers->setViewMode(QListView::IconMode);
  answers->setResizeMode(QListView::Adjust);
  answers->setMovement(QListView::Static);
  answers->setUniformItemSizes(true);
  answers->setEditTriggers(QAbstractItemView::NoEditTriggers);
  answers->setSpacing(unit / 4);
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, unit / 2, 0, 0);
  column->setSpacing(unit / 2);
  column->addWidget(changes);
  column->addWidget(answers, 1);
  return content;
}

QWidget* CompressDetail::Impl::makeSensitivity() {
  const int unit = rhythmUnit(&pane);
  auto* content = new QWidget(tabs);
  scan = new QLabel(content);
  scan->setObjectName(QStringLiteral("compressPage.scan"));
  scan->setWordWrap(true);
  setTone(scan, "quiet");
  auto* table = makeTable(QStringLiteral("compressPage.sensitivityTable"), &sensitivity_model, 3, content);
  table->setItemDelegate(new HarmDelegate(table));
  table->setSelectionMode(QAbstractItemView::SingleSelection);
  table->setAccessibleName(tr("Layers, the most sensitive first"));
  const auto keep = [this](const QModelIndex& index) {
    if (const QString layer = sensitivity_model.layer(index.row()); index.isValid() && !layer.isEmpty())
      emit pane.keepRequested(layer);
  };
  connect(table, &QTableView::clicked, &pane, [keep](const QModelIndex& index) {
    if (index.column() == SensitivityModel::kKeep) keep(index);
  });
  for (const int key : {Qt::Key_Return, Qt::Key_Enter}) {
    auto* shortcut = new QShortcut(QKeySequence(key), table);
    shortcut->setContext(Qt::WidgetShortcut);
    connect(shortcut, &QShortcut::activated, &pane, [keep, table] { keep(table->currentIndex()); });
  }
  table->horizontalHeader()->setStretchLastSection(false);
  table->horizontalHeader()->setSectionResizeMode(SensitivityModel::kHarm, QHeaderView::Stretch);
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, unit / 2, 0, 0);
  column->setSpacing(unit / 2);
  column->addWidget(scan);
  column->addWidget(table, 1);
  return content;
}

void CompressDetail::Impl::build() {
  pane.setProperty("card", true);
  title = new QLabel(&pane);
  title->setObjectName(QStringLiteral("compressPage.detailTitle"));
  title->setFont(scaledFont(pane.font(), 1.15, QFont::DemiBold));
  title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);  // long recipes do not widen the page
  tabs = new QTabWidget(&pane);
  tabs->setObjectName(QStringLiteral("compressPage.detailTabs"));
  tabs->setDocumentMode(true);
  layers = new CompressLayers(tabs);
  layers_tab = addTab(layers, tr("Layers"), QStringLiteral("layers"));
  confusion_tab = addTab(makeConfusion(), tr("Confusion"), QStringLiteral("confusion"));
  answers_tab = addTab(makeAnswers(), tr("Changed Answers"), QStringLiteral("answers"));
  sensitivity_tab = addTab(makeSensitivity(), tr("Sensitivity"), QStringLiteral("sensitivity"));
  sensitivity_tab.button->setText(tr("Scan Sensitivity…"));
  sensitivity_tab.button->setObjectName(QStringLiteral("compressPage.scanButton"));
  connect(sensitivity_tab.button, &QPushButton::clicked, &pane, &CompressDetail::scanRequested);
  connect(&details, &RecipeDetails::changed, &pane, [this] { showStep(); });
  auto* column = new QVBoxLayout(&pane);
  setRhythm(column, &pane, 1.5, 1, 1.5, 1, 0.5);
  column->addWidget(title);
  column->addWidget(tabs, 1);
}

// Why there is nothing of the chosen step; empty if there is.
QString CompressDetail::Impl::missing() const {
  if (step < 0) return tr("Choose a step in the table, or a point of the plane.");
  if (details.step(step) != nullptr) return {};
  const QString error = details.error(step);
  if (error.isEmpty()) return tr("Asking for it…");
  //: %1 is the engine's sentence.
  return tr("There is nothing to look at: %1.").arg(error);
}

void CompressDetail::Impl::showStep() {
  const QString why = missing();
  const StepDetail* const now = why.isEmpty() ? details.step(step) : nullptr;
  const StepDetail* const before = step > 0 ? details.step(0) : nullptr;
  layers_tab.say(!why.isEmpty() || !now->layers.empty() ? why : tr("No layer of this model has weights."));
  layers->show(before, now);
  showConfusion(before, now);
  showAnswers(now);
  showSensitivity(now);
  for (const Tab* tab : {&layers_tab, &confusion_tab, &answers_tab, &sensitivity_tab})
    if (!why.isEmpty()) tab->say(why);
  sensitivity_tab.button->setVisible(why.isEmpty());
}

void CompressDetail::Impl::showConfusion(const StepDetail* before, const StepDetail* now) {
  confusion->setSteps(before, now);
  // Without a model to compare with there is nothing but now.
  const CompressConfusion::View shown = before == nullptr ? CompressConfusion::kNow : wanted_view;
  const QSignalBlocker quiet(view);
  view->setEnabled(before != nullptr && now != nullptr);
  view->setCurrentIndex(shown);
  confusion->setView(shown);
  cell->clear();
  confusion_tab.say(
      now == nullptr || now->classes > 0
          ? QString()
          : tr("There are more than %1 classes: their confusion is not kept.").arg(kMostDetailClasses));
}

void CompressDetail::Impl::showAnswers(const StepDetail* now) {
  answers_model.show(now);
  if (now == nullptr) return answers_tab.say({});
  if (step == 0)
    return answers_tab.say(
        tr("This is the model as it was. Choose a later step to see which answers it changed."));
  if (now->became_wrong + now->became_right + now->still_wrong == 0)
    return answers_tab.say(tr("Not one answer to a test sample changed."));
  QString words =
      tr("Became wrong: %1. Became right: %2. Wrong in another way: %3.")
          .arg(formatCount(now->became_wrong), formatCount(now->became_right), formatCount(now->still_wrong));
  if (int64_t(now->changed.size()) < now->became_wrong + now->became_right + now->still_wrong)
    //: After "Became wrong: 12. …"; %1 and %2 are numbers of samples.
    words +=
        QLatin1Char(' ') + tr("Shown are %1, of the %2 samples that worker 0 judged.")
                               .arg(formatCount(qint64(now->changed.size())), formatCount(now->looked_at));
  changes->setText(words);
  answers_tab.say({});
}

void CompressDetail::Impl::showSensitivity(const StepDetail* now) {
  sensitivity_model.show(now);
  if (now == nullptr) return sensitivity_tab.say({});
  scan->setText(tr("One layer alone is made smaller, without training afterwards; %1 test samples, of which "
                   "the whole model answers %2 rightly.")
                    .arg(formatCount(now->sensitivity_samples), formatPercent(now->sensitivity_accuracy)));
  sensitivity_tab.say(
      now->sensitivity.empty()
          ? tr("The layers were not scanned at this step. A recipe's step \"Evaluate\" does it "
               "where its sensitivity is on: each layer alone is pruned by half, and rounded "
               "to 8, 4 and 2 bits.")
          : QString());
}

CompressDetail::CompressDetail(EngineClient& client, QWidget* parent)
    : QFrame(parent), impl_(std::make_unique<Impl>(*this, client)) {
  setObjectName(QStringLiteral("compressPage.detail"));
  impl_->build();
  showStep({}, -1, {});
}

CompressDetail::~CompressDetail() = default;

void CompressDetail::showStep(const QString& run, int step, const QString& text) {
  const bool is_known =
      run == impl_->details.run() && step == impl_->step && impl_->details.step(step) != nullptr;
  impl_->step = step;
  impl_->title->setText(step < 0    ? tr("Inside the Model")
                        : step == 0 ? tr("The Model as It Was")
                                    //: The step of a recipe: its number, and what it does.
                                    : tr("Step %1: %2").arg(step).arg(text));
  impl_->title->setToolTip(text);
  if (is_known) return;
  impl_->details.setRun(run);
  impl_->details.want(step);
  impl_->showStep();
}

}  // namespace concertina::ui
