// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// no_plugin.cc: a shared module that is no plugin.
extern "C" int concertina_answer() { return 42; }
