// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// host_words.h: what a machine said when it was asked whether it is ready for workers, in a sentence.
// On the way of the data: EngineClient::testLauncher -> here -> ui/pages/design_host_test.h.
#pragma once

#include <QString>

#include "core/proto/engine.pb.h"

namespace concertina::ui {

struct HostWords {
  bool is_ready = false;
  QString text;
};
HostWords hostWords(const proto::TestLauncherReply& reply);

}  // namespace concertina::ui
