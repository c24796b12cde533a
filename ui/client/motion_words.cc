// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// motion_words.cc: see motion_words.h.
#include "ui/client/motion_words.h"

#include <QCoreApplication>
#include <QStringList>

#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

struct MessageWording {
  Q_DECLARE_TR_FUNCTIONS(MessageWording)

 public:
  static QString kind(const MessageNote& note) {
    switch (note.kind) {
      case MessageKind::kReduce:
        return note.part >= 0 ? tr("Reduce-scatter") : tr("To be summed");
      case MessageKind::kSpread:
        return note.part >= 0 ? tr("All-gather") : tr("The sum");
      case MessageKind::kGather:
        return tr("Gather");
      case MessageKind::kBroadcast:
        return tr("Broadcast");
      case MessageKind::kBarrier:
        return tr("Barrier");
      case MessageKind::kActivation:
        return tr("Activation");
      case MessageKind::kActivationGradient:
        return tr("Gradient of the activation");
      case MessageKind::kPush:
        return tr("Gradient to the server");
      case MessageKind::kFetch:
        return tr("Asks for parameters");
      case MessageKind::kAnswer:
        return tr("The server's answer");
      case MessageKind::kOther:
        break;
    }
    return tr("Message");
  }
  static QString details(const MessageNote& note) {
    QStringList parts = {kind(note)};
    if (note.micro_batch >= 0) parts << tr("micro-batch %1").arg(note.micro_batch);
    if (note.part >= 0 && note.parts > 1) parts << tr("segment %1 of %2").arg(note.part + 1).arg(note.parts);
    if (note.version >= 0) parts << tr("made at step %1").arg(formatCount(note.version));
    if (note.staleness >= 0) parts << tr("%n update(s) late", nullptr, note.staleness);
    return parts.join(QLatin1String(", "));
  }
  static QString sentence(const ReplayMessage& message) {
    //: %1 and %2 are ranks, %3 what the message is for, %4 its size: "Rank 0 → rank 1: All-gather, 31 kB"
    return tr("Rank %1 → rank %2: %3, %4")
        .arg(message.from)
        .arg(message.to)
        .arg(details(message.note), formatBytes(static_cast<double>(message.bytes)));
  }
};

}  // namespace

QString messageWords(const MessageNote& note) { return MessageWording::details(note); }
QString messageSentence(const ReplayMessage& message) { return MessageWording::sentence(message); }

}  // namespace concertina::ui
