// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_setup.h: a sweep before it begins: the experiment, the axes picked from its fields, how the points
// are searched, and what all of it will take. On the way of the data: an experiment -> here, as a sweep file
// -> the engine, which checks and expands it -> ui/client/sweep_driver.h.
#pragma once

#include <QJsonObject>
#include <QTimer>
#include <QWidget>
#include <memory>
#include <vector>

#include "ui/client/engine_client.h"
#include "ui/pages/sweep_fields.h"

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QListWidget;
class QListWidgetItem;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace concertina::ui {

class SweepAxisCard;

// What a whole sweep takes, by the plan of one of its runs. NaN: the plan does not say.
struct SweepEstimate {
  double seconds = qQNaN();  // one run after another
  double bytes = qQNaN();    // payload, all workers
  double run_share = 0;      // whole runs that it comes to: halving trains less than its points
};
SweepEstimate estimateOf(const proto::ExpandSweepReply& sweep, const QJsonObject& plan);

class SweepSetup : public QWidget {
  Q_OBJECT
 public:
  explicit SweepSetup(EngineClient& client, QWidget* parent = nullptr);

  // An experiment to vary, and what to call it. Axes whose fields it has are kept.
  void setBase(const QString& spec, const QString& words);
  void setSweep(const QJsonObject& sweep);  // a ready one, whole
  void showReady(const QString& id);        // of resources/presets/ID.sweep.json
  void setTakenNames(const QStringList& names) { taken_ = names; }
  QJsonObject sweep() const;  // as a sweep file
  int atOnce() const;         // 0: as many as the queue lets

 signals:
  void launched(const concertina::proto::ExpandSweepReply& sweep, const QJsonObject& file, int at_once);
  void cancelled();

 private:
  QWidget* makeFields();
  QWidget* makeAxes();
  QWidget* makeSearch();
  void describe();
  void listFields();
  void filterFields(const QString& words);
  void addField(const QListWidgetItem* item);
  SweepAxisCard* addAxis(const SweepField& field);
  void showStrategy();
  void changed();  // asks for a check, soon
  void check();
  void showCheck(const proto::ExpandSweepReply& reply, const QString& error);
  void askForPlan();
  void showEstimate();
  void launch();
  void saveFile();
  QString obstacle() const;  // "" if it can be checked
  void say(const QString& text, const char* tone);

  EngineClient& client_;
  std::shared_ptr<const Catalog> catalog_;
  QJsonObject spec_;
  QVector<SweepField> fields_;
  std::vector<SweepAxisCard*> axes_;
  QStringList taken_;
  QTimer check_soon_;
  quint64 turn_ = 0;  // answers to older questions are not shown
  proto::ExpandSweepReply checked_;
  QJsonObject plan_;
  QString planned_spec_;
  bool is_launching_ = false;
  int cards_ = 0;  // made so far, for their names

  QComboBox *base_, *strategy_, *metric_;
  QLineEdit *name_, *find_;
  QListWidget* list_;
  QVBoxLayout* cards_column_ = nullptr;
  QLabel *no_axes_ = nullptr, *estimate_, *message_;
  QFormLayout* form_ = nullptr;
  QSpinBox *samples_, *repeats_, *at_once_, *seed_;
  QDoubleSpinBox *first_epochs_, *keep_;
  QPushButton *launch_, *cancel_, *save_;
};

}  // namespace concertina::ui
