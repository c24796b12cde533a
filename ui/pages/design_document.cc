// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_document.cc: edits as steps of undo (see design_document.h).
#include "ui/pages/design_document.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QUndoCommand>

namespace concertina::ui {
namespace {

constexpr int kSpecChangeId = 1;
constexpr int kTypingMs = 2000;

qint64 meshAxis(const QJsonObject& mesh, const char* axis) {
  const QJsonValue value = mesh.value(QLatin1String(axis));
  return value.isUndefined() ? 1 : value.toInteger(-1);
}

}  // namespace

class SpecChange : public QUndoCommand {
 public:
  SpecChange(DesignDocument& document, SpecDocument after, QString place, const QString& text)
      : QUndoCommand(text),
        document_(document),
        before_(document.spec()),
        after_(std::move(after)),
        place_(std::move(place)) {
    age_.start();
  }
  void undo() override { document_.show(before_); }
  void redo() override { document_.show(after_); }
  int id() const override { return kSpecChangeId; }
  bool mergeWith(const QUndoCommand* other) override {
    const auto* next = static_cast<const SpecChange*>(other);
    if (place_ != next->place_ || place_.isEmpty() || age_.elapsed() > kTypingMs) return false;
    after_ = next->after_;
    age_.restart();
    setObsolete(before_ == after_);
    return true;
  }

 private:
  DesignDocument& document_;
  SpecDocument before_, after_;
  QString place_;
  QElapsedTimer age_;
};

qint64 workersOf(const SpecDocument& spec) {
  const QJsonValue groups = spec.value(QStringLiteral("/workers"));
  if (groups.isUndefined()) return -1;
  qint64 total = 0;
  for (const QJsonValue& group : groups.toArray()) {
    const QJsonValue count = group.toObject().value(QLatin1String("count"));
    total += count.isUndefined() ? 1 : count.toInteger(0);
  }
  return total;
}

qint64 meshSizeOf(const SpecDocument& spec) {
  const QJsonValue mesh = spec.value(QStringLiteral("/mesh"));
  if (!mesh.isObject() || !mesh.toObject().contains(QLatin1String("data"))) return -1;
  const QJsonObject axes = mesh.toObject();
  return meshAxis(axes, "data") * meshAxis(axes, "pipeline") * meshAxis(axes, "tensor");
}

DesignDocument::DesignDocument(QObject* parent) : QObject(parent) {}

void DesignDocument::open(const SpecDocument& spec) {
  undo_.clear();
  show(spec);
}

void DesignDocument::show(const SpecDocument& spec) {
  spec_ = spec;
  emit changed();
}

void DesignDocument::edit(const QString& pointer, const QJsonValue& value) {
  SpecDocument after = spec_;
  if (!after.set(pointer, value) || after == spec_) return;
  if (pointer.startsWith(QLatin1String("/workers")) && workersOf(spec_) == meshSizeOf(spec_)) {
    const QJsonObject mesh = after.value(QStringLiteral("/mesh")).toObject();
    const qint64 others = meshAxis(mesh, "pipeline") * meshAxis(mesh, "tensor");
    const qint64 workers = workersOf(after);
    if (workers > 0 && others > 0 && workers % others == 0)
      after.set(QStringLiteral("/mesh/data"), workers / others);
  }
  undo_.push(new SpecChange(*this, after, pointer, tr("change of %1").arg(pointer.mid(1))));
}

void DesignDocument::replace(const SpecDocument& spec, const QString& what) {
  if (spec == spec_) return;
  undo_.push(new SpecChange(*this, spec, QStringLiteral("whole"), what));
}

}  // namespace concertina::ui
