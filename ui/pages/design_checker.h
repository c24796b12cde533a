// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_checker.h: asks the engine, as one types, whether the experiment is sound and what it comes to; says
// whether it may be launched and, if not, why. On the way of the data: ui/pages/design_document.h -> here ->
// the engine's validate, plan and submit.
#pragma once

#include <QJsonObject>
#include <QObject>
#include <QTimer>
#include <QVector>
#include <functional>

#include "core/proto/engine.pb.h"
#include "ui/forms/param_form.h"
#include "ui/pages/design_host_test.h"

namespace concertina::ui {

struct SpecFault;

// What the page needs of an engine; ui/client gives it, and tests give their own.
struct DesignService {
  using Faults = QVector<SpecFault>;
  std::function<void(QObject*, const QString& spec, std::function<void(const Faults&, const QString& error)>)>
      validate;
  std::function<void(QObject*, const QString& spec,
                     std::function<void(const QJsonObject& plan, const Faults&, const QString& error)>)>
      plan;
  std::function<void(QObject*, const QString& spec,
                     std::function<void(const QString& run, const Faults&, const QString& error)>)>
      submit;
  // A few samples of the dataset; null: none are shown.
  std::function<void(QObject*, const proto::GetSamplesRequest& request,
                     std::function<void(const proto::GetSamplesReply&, const QString& error)>)>
      samples = nullptr;
  // Whether the machine of an entry of /workers is ready; null: nobody is asked.
  AskHost test_host = nullptr;
};

class DesignChecker : public QObject {
  Q_OBJECT
 public:
  static constexpr int kDebounceMs = 250;

  explicit DesignChecker(DesignService service, QObject* parent = nullptr);

  void setConnected(bool connected);            // on connecting, the experiment is checked again
  void setSpec(const QString& spec);            // asked about after kDebounceMs without another
  void setJsonFault(int line);                  // the text is not JSON (line from 1), or 0: it is again
  void setOwnFaults(const FaultTexts& faults);  // found by the forms, at once
  void launch();

  // Pointer -> what stands under the field. The engine's words where both found something.
  FaultTexts faults() const;
  const QJsonObject& plan() const {
    return plan_;
  }  // empty until there is one; kept while a newer one is asked for
  bool planIsCurrent() const { return plan_current_; }
  bool isChecking() const { return timer_.isActive() || asking_; }
  bool canLaunch() const;
  QString obstacle() const;                 // why not, in a few words; "" if it can
  QString error() const { return error_; }  // the engine could not answer

 signals:
  void changed();
  void launched(const QString& run);

 private:
  void check();
  void takeFaults(const QVector<SpecFault>& faults);

  DesignService service_;
  QTimer timer_;
  QString spec_;
  qint64 generation_ = 0;  // answers to older questions are dropped
  bool connected_ = false, asking_ = false, launching_ = false, plan_current_ = false, checked_ = false;
  int json_fault_line_ = 0;
  FaultTexts engine_faults_, own_faults_;
  QJsonObject plan_;
  QString error_;
};

// "Expected: a number from 0 to 1. Found: 7. Did you mean …?"
QString faultText(const SpecFault& fault);

}  // namespace concertina::ui
