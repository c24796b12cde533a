// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// host_words.cc: see host_words.h.
#include "ui/client/host_words.h"

#include <QCoreApplication>
#include <QStringList>

#include "ui/client/core_words.h"
#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

struct HostText {
  Q_DECLARE_TR_FUNCTIONS(HostText)
};

}  // namespace

HostWords hostWords(const proto::TestLauncherReply& reply) {
  if (reply.faults_size() > 0) return {false, coreText(reply.faults(0).message())};
  if (!reply.error().empty()) return {false, coreText(reply.error())};
  QStringList facts = {QString::fromStdString(reply.system())};
  if (reply.cores() > 0) facts << HostText::tr("%n core(s)", nullptr, static_cast<int>(reply.cores()));
  // Of a cluster less is known than of a machine.
  if (reply.memory_bytes() > 0)
    facts << HostText::tr("%1 of memory").arg(formatBytes(static_cast<double>(reply.memory_bytes())));
  if (reply.will_copy())
    facts << HostText::tr("the worker will be copied there");
  else if (!reply.version().empty())
    facts << HostText::tr("worker of version %1").arg(QString::fromStdString(reply.version()));
  if (reply.memory_bytes() > 0) {
    QStringList datasets;
    for (const std::string& name : reply.datasets()) datasets << QString::fromStdString(name);
    //: %1 is a list of names.
    facts << (datasets.isEmpty() ? HostText::tr("no datasets")
                                 : HostText::tr("datasets: %1").arg(datasets.join(QStringLiteral(", "))));
  }
  //: %1 is the name of a machine, %2 a time, %3 what it has.
  return {true, HostText::tr("%1 is ready for workers (%2): %3.")
                    .arg(QString::fromStdString(reply.host()), formatDuration(reply.seconds()),
                         facts.join(QStringLiteral("; ")))};
}

}  // namespace concertina::ui
