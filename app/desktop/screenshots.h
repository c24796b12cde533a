// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// screenshots.h: every page as a PNG, light and dark, large and at the smallest supported size: for tests,
// for the manual, and for the eye.
#pragma once

#include <QString>

#include "ui/client/engine_client.h"
#include "ui/shell/main_window.h"
#include "ui/shell/theme.h"

namespace concertina {

// Waits until there is something to see (an engine and its plan; with `demo`, a run that has ended), for a
// minute and a half at most, writes PAGE-THEME-SIZE.png to `folder`, and quits: exit code 0 if every file was
// written.
void takeScreenshots(ui::MainWindow& window, ui::EngineClient& client, ui::Theme& theme,
                     const QString& folder, bool demo);

}  // namespace concertina
