// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// line_icon.h: the icons of resources/icons, drawn in the palette's colour at the moment of painting, so that
// they are sharp at any scale and follow a change of theme by themselves.
#pragma once

#include <QIcon>
#include <QString>

namespace concertina::ui {

// `name` without folder and ending: "launch". An unknown name gives a null icon.
QIcon lineIcon(const QString& name);
// The same in one colour role of the palette, for icons on coloured buttons.
QIcon lineIcon(const QString& name, int palette_role);

}  // namespace concertina::ui
