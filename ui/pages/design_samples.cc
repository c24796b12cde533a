// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_samples.cc: pixels as images, rows as a table (see design_samples.h).
#include "ui/pages/design_samples.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QHelpEvent>
#include <QLabel>
#include <QPainter>
#include <QTableWidget>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/client/number_format.h"
#include "ui/client/plain_tool_tip.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/table_copy.h"

namespace concertina::ui {
namespace {

constexpr int kMostSide = 1 << 12;  // of an image that is believed
constexpr int kImageUnits = 7;      // about so high is an image, in rhythm units

QString classText(const proto::GetSamplesReply& samples, int label) {
  return label >= 0 && label < samples.class_names_size() ? QString::fromStdString(samples.class_names(label))
                                                          : QString::number(label);
}

QString shapeWords(const proto::GetSamplesReply& samples) {
  QStringList lengths;
  for (const qint64 length : samples.shape()) lengths << QString::number(length);
  return lengths.join(QStringLiteral(" × "));
}

}  // namespace

QVector<SampleImage> sampleImages(const proto::GetSamplesReply& samples) {
  QVector<SampleImage> images;
  const int wide = samples.width(), high = samples.height(), channels = samples.channels();
  if (wide < 1 || high < 1 || wide > kMostSide || high > kMostSide || (channels != 1 && channels != 3))
    return images;
  const qsizetype area = qsizetype(wide) * high;
  for (const proto::GetSamplesReply::Sample& sample : samples.samples()) {
    if (qsizetype(sample.pixels().size()) != channels * area) continue;
    const auto* pixels = reinterpret_cast<const uchar*>(sample.pixels().data());
    QImage image(wide, high, QImage::Format_RGB32);
    for (int y = 0; y < high; ++y) {
      auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
      for (int x = 0; x < wide; ++x) {
        const uchar* at = pixels + qsizetype(y) * wide + x;
        line[x] = channels == 3 ? qRgb(at[0], at[area], at[2 * area]) : qRgb(at[0], at[0], at[0]);
      }
    }
    images.push_back({image, classText(samples, sample.label()), qint64(sample.index())});
  }
  return images;
}

DesignSampleGrid::DesignSampleGrid(QWidget* parent) : QWidget(parent) {
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setAccessibleName(tr("Sample images"));
}

void DesignSampleGrid::setImages(const QVector<SampleImage>& images) {
  images_ = images;
  QStringList spoken;
  for (const SampleImage& image : images_) spoken << image.label;
  setAccessibleDescription(spoken.join(QStringLiteral(", ")));
  updateGeometry();
  update();
}

QSize DesignSampleGrid::imageSize() const {
  if (images_.isEmpty()) return {};
  const QSize pixels = images_.first().image.size();
  const int room = kImageUnits * rhythmUnit(this), longer = std::max(pixels.width(), pixels.height());
  if (longer > 2 * room) return pixels.scaled(2 * room, 2 * room, Qt::KeepAspectRatio);
  return pixels * std::max(1, qRound(double(room) / longer));
}

QSize DesignSampleGrid::cellSize() const {
  const int unit = rhythmUnit(this);
  return {std::max(imageSize().width(), charactersWide(this, 9)) + unit,
          imageSize().height() + fontMetrics().height() + 2 * unit};
}

int DesignSampleGrid::columnsIn(int width) const {
  return std::clamp<int>(width / std::max(1, cellSize().width()), 1, std::max<int>(1, int(images_.size())));
}

int DesignSampleGrid::heightForWidth(int width) const {
  const int columns = columnsIn(width);
  return (int(images_.size()) + columns - 1) / columns * cellSize().height();
}

QSize DesignSampleGrid::sizeHint() const {
  const int wide = charactersWide(this, 40);
  return {wide, heightForWidth(wide)};
}

QSize DesignSampleGrid::minimumSizeHint() const {
  return images_.isEmpty() ? QSize(0, 0) : QSize(cellSize().width(), cellSize().height());
}

QRect DesignSampleGrid::placeOf(int image) const {
  const int columns = columnsIn(width());
  const QSize cell = cellSize(), size = imageSize();
  return {QPoint(image % columns * cell.width(), image / columns * cell.height()), size};
}

void DesignSampleGrid::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const int unit = rhythmUnit(this);
  painter.setFont(scaledFont(font(), 0.88));
  const QFontMetrics metrics(painter.font());
  for (int i = 0; i < images_.size(); ++i) {
    const QRect place = placeOf(i);
    // Enlarged by the nearest pixel: what the model gets is squares, not a blur.
    const bool shrinks = place.width() < images_[i].image.width();
    painter.setRenderHint(QPainter::SmoothPixmapTransform, shrinks);
    painter.drawImage(place, images_[i].image);
    painter.setPen(toneColor(palette(), Tone::kEdge));
    painter.drawRect(place.adjusted(0, 0, -1, -1));
    const QRect words(place.left(), place.bottom() + unit / 4, cellSize().width() - unit, metrics.height());
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(images_[i].label, Qt::ElideRight, words.width()));
  }
}

QString DesignSampleGrid::textAt(const QPoint& position) const {
  for (int i = 0; i < images_.size(); ++i)
    if (placeOf(i).contains(position))
      return tr("%1, sample %2 of the training split").arg(images_[i].label, formatCount(images_[i].index));
  return {};
}

bool DesignSampleGrid::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  QToolTip::showText(help->globalPos(), plainToolTip(textAt(help->pos())), this);
  return true;
}

DesignSamples::DesignSamples(QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  setRhythm(column, this, 0, 0, 0, 0, 1);
  auto* row = new QHBoxLayout;
  note_ = new QLabel(this);
  note_->setObjectName(QStringLiteral("designPage.samplesNote"));
  note_->setTextFormat(Qt::PlainText);
  note_->setWordWrap(true);
  setTone(note_, "quiet");
  row->addWidget(note_, 1);
  all_ = new QToolButton(this);
  all_->setObjectName(QStringLiteral("designPage.samplesOfAll"));
  all_->setText(tr("All workers"));
  all_->setToolTip(tr("Show samples of all data, not of one worker"));
  connect(all_, &QToolButton::clicked, this, &DesignSamples::allChosen);
  row->addWidget(all_, 0, Qt::AlignTop);
  column->addLayout(row);
  grid_ = new DesignSampleGrid(this);
  grid_->setObjectName(QStringLiteral("designPage.sampleGrid"));
  column->addWidget(grid_);
  table_ = new QTableWidget(this);
  table_->setObjectName(QStringLiteral("designPage.sampleRows"));
  table_->setAccessibleName(tr("First rows of the table"));
  table_->setFont(scaledFont(font(), 0.92));
  table_->verticalHeader()->hide();
  table_->setFrameShape(QFrame::NoFrame);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setTabKeyNavigation(false);
  table_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  addCopyAction(table_);
  column->addWidget(table_);
  grid_->hide();
  table_->hide();
  all_->hide();
}

void DesignSamples::showAsked(int worker) {
  note_->setText(worker < 0 ? tr("Reading samples…") : tr("Reading samples of worker %1…").arg(worker));
  all_->setVisible(worker >= 0);
}

void DesignSamples::showTable(const proto::GetSamplesReply& samples) {
  int columns = 0;
  for (const proto::GetSamplesReply::Sample& sample : samples.samples())
    columns = std::max(columns, sample.values_size());
  QStringList headings = {tr("Class")};
  for (int i = 0; i < columns; ++i)
    headings << (i < samples.column_names_size() ? QString::fromStdString(samples.column_names(i))
                                                 : QString::number(i));
  table_->setColumnCount(int(headings.size()));
  table_->setHorizontalHeaderLabels(headings);
  table_->setRowCount(samples.samples_size());
  for (int row = 0; row < samples.samples_size(); ++row) {
    const proto::GetSamplesReply::Sample& sample = samples.samples(row);
    table_->setItem(row, 0, new QTableWidgetItem(classText(samples, sample.label())));
    for (int i = 0; i < sample.values_size(); ++i) {
      auto* item = new QTableWidgetItem(formatNumber(double(sample.values(i))));
      item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
      table_->setItem(row, 1 + i, item);
    }
  }
  int height = table_->horizontalHeader()->sizeHint().height() + 3 * rhythmUnit(this);
  for (int row = 0; row < table_->rowCount(); ++row) height += table_->rowHeight(row);
  table_->setFixedHeight(height);
}

void DesignSamples::showSamples(const proto::GetSamplesReply& samples, int worker, const QString& error) {
  const bool is_table = error.isEmpty() && samples.channels() == 0 && samples.samples_size() > 0;
  grid_->setImages(error.isEmpty() ? sampleImages(samples) : QVector<SampleImage>());
  grid_->setVisible(!grid_->images().isEmpty());
  table_->setVisible(is_table);
  if (is_table) showTable(samples);
  all_->setVisible(worker >= 0);
  if (!error.isEmpty()) {
    note_->setText(tr("There are no samples to show: %1").arg(error));
    return;
  }
  const QString found = formatCount(samples.available());
  if (is_table) {
    const qint64 all = samples.shape_size() == 1 ? samples.shape(0) : 0;
    const qint64 shown = samples.samples(0).values_size();
    QString text = worker < 0 ? tr("The first of %1 rows, as the model gets them.").arg(found)
                              : tr("The first of %1 rows of worker %2, as the model gets them.")
                                    .arg(found, QString::number(worker));
    if (all > shown)
      text += QLatin1Char(' ') + tr("The first %1 of %2 columns.").arg(formatCount(shown), formatCount(all));
    note_->setText(text);
    return;
  }
  if (grid_->images().isEmpty()) {
    note_->setText(tr("There are no samples to show."));
    return;
  }
  const QString count = formatCount(grid_->images().size());
  QString text =
      worker < 0
          ? tr("%1 of %2 samples of %3, as the model gets them.").arg(count, found, shapeWords(samples))
          : tr("%1 of %2 samples of worker %3, each %4.")
                .arg(count, found, QString::number(worker), shapeWords(samples));
  if (samples.shape_size() == 3 && samples.shape(2) > samples.width())
    text += QLatin1Char(' ') + tr("They are shown smaller than they are.");
  note_->setText(text);
}

}  // namespace concertina::ui
