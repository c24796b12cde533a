// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// paper_files.h: the files of resources/papers, which travel inside the programs. Made by CMake
// (paper_files.cc.in). On the way of the data: resources/papers -> here -> analysis/paper.cc.
#pragma once

#include <span>
#include <string_view>

namespace concertina {

struct PaperFile {
  std::string_view id, json;
};
std::span<const PaperFile> PaperFiles();  // by id

}  // namespace concertina
