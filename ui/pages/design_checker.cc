// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_checker.cc: debounced questions to the engine (see design_checker.h).
#include "ui/pages/design_checker.h"

#include "ui/client/engine_client.h"

namespace concertina::ui {

QString faultText(const SpecFault& fault) {
  if (fault.expected.isEmpty()) return fault.message;
  QString text = fault.found.isEmpty()
                     ? DesignChecker::tr("Expected: %1.").arg(fault.expected)
                     : DesignChecker::tr("Expected: %1. Found: %2.").arg(fault.expected, fault.found);
  if (!fault.suggestion.isEmpty())
    text += QLatin1Char(' ') + DesignChecker::tr("Did you mean “%1”?").arg(fault.suggestion);
  return text;
}

DesignChecker::DesignChecker(DesignService service, QObject* parent)
    : QObject(parent), service_(std::move(service)) {
  timer_.setSingleShot(true);
  timer_.setInterval(kDebounceMs);
  connect(&timer_, &QTimer::timeout, this, &DesignChecker::check);
}

void DesignChecker::setConnected(bool connected) {
  if (connected == connected_) return;
  connected_ = connected;
  if (connected_) {
    timer_.start(0);
    timer_.setInterval(kDebounceMs);
  } else {
    ++generation_;
    asking_ = launching_ = checked_ = false;
    timer_.stop();
  }
  emit changed();
}

void DesignChecker::setSpec(const QString& spec) {
  spec_ = spec;
  ++generation_;
  asking_ = checked_ = plan_current_ = false;
  json_fault_line_ = 0;
  if (connected_) timer_.start();
  emit changed();
}

void DesignChecker::setJsonFault(int line) {
  if (line == json_fault_line_) return;
  json_fault_line_ = line;
  emit changed();
}

void DesignChecker::setOwnFaults(const FaultTexts& faults) {
  if (faults == own_faults_) return;
  own_faults_ = faults;
  emit changed();
}

void DesignChecker::check() {
  if (!connected_ || spec_.isEmpty()) return;
  asking_ = true;
  error_.clear();
  const qint64 asked = ++generation_;
  emit changed();
  service_.validate(this, spec_, [this, asked](const QVector<SpecFault>& faults, const QString& error) {
    if (asked != generation_) return;
    error_ = error;
    takeFaults(faults);
    checked_ = error.isEmpty();
    if (!error.isEmpty() || !faults.isEmpty()) {
      asking_ = false;
      emit changed();
      return;
    }
    emit changed();
    service_.plan(
        this, spec_,
        [this, asked](const QJsonObject& plan, const QVector<SpecFault>& found, const QString& why) {
          if (asked != generation_) return;
          asking_ = false;
          error_ = why;
          takeFaults(found);
          if (why.isEmpty() && found.isEmpty()) {
            plan_ = plan;
            plan_current_ = true;
          }
          emit changed();
        });
  });
}

void DesignChecker::takeFaults(const QVector<SpecFault>& faults) {
  engine_faults_.clear();
  for (const SpecFault& fault : faults)
    if (!engine_faults_.contains(fault.pointer)) engine_faults_.insert(fault.pointer, faultText(fault));
}

FaultTexts DesignChecker::faults() const {
  FaultTexts all = own_faults_;
  for (auto it = engine_faults_.begin(); it != engine_faults_.end(); ++it) all.insert(it.key(), it.value());
  return all;
}

bool DesignChecker::canLaunch() const { return obstacle().isEmpty(); }

QString DesignChecker::obstacle() const {
  if (launching_) return tr("Launching…");
  if (json_fault_line_ > 0) return tr("The JSON has an error in line %1").arg(json_fault_line_);
  if (const auto count = faults().size(); count > 0)
    return tr("%n field(s) need attention", nullptr, static_cast<int>(count));
  if (!connected_) return tr("Not connected to the engine");
  if (!error_.isEmpty()) return tr("The engine could not check this");
  if (!checked_ || isChecking()) return tr("Checking…");
  return {};
}

void DesignChecker::launch() {
  if (!canLaunch()) return;
  launching_ = true;
  emit changed();
  const qint64 asked = generation_;
  service_.submit(this, spec_,
                  [this, asked](const QString& run, const QVector<SpecFault>& faults, const QString& error) {
                    launching_ = false;
                    if (asked == generation_) {
                      error_ = error;
                      takeFaults(faults);
                    }
                    emit changed();
                    if (error.isEmpty() && faults.isEmpty() && !run.isEmpty()) emit launched(run);
                  });
}

}  // namespace concertina::ui
