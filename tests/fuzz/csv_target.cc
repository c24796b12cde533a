// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// csv_target.cc: a table of numbers with a column of labels.
// Input: the file.
#include "tests/fuzz/dataset_reading.h"

namespace concertina {

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  for (const std::string text :
       {"a,b,y\n1,2,p\n3,4,q\n5,6.5,p\n-7,8e3,q\n0,0,p\n1,1,q\n2,2,p\n",
        "\xef\xbb\xbfy,\"a \"\"b\"\", c\"\r\n7,1\r\n07,2\r\n8,+3\r\n\r\n7,.5\r\n-1,\" 4 \"\r\n8,1e-300\r\n",
        "y,x\nred,1\n\"two\nlines\",2\nred,3\nblue,4\nred,5\nred,6\nblue,7\n"})
    inputs.seeds.emplace_back(text.begin(), text.end());
  inputs.words = {",", "\n", "\r\n", "\"", "\"\"", "y", "\r", std::string(1, '\0'), "\xef\xbb\xbf", "inf"};
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  static MemoryFile file;
  file.Write({data, size});
  // "1," is a number in 8 bytes; a field is a string of 32.
  ReadDataset({{"kind", "csv"}, {"path", file.path()}, {"label", "y"}}, 32 * size);
  return 0;
}
