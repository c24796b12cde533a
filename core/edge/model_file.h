// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_file.h: a model in one small file, its graph and its values, as the edge runtime loads it.
// On the way of the data: graph/graph.h with Value::given -> here -> edge/runtime.h, nn's model "file".
//
// Every tensor is written in the smallest of the ways that give its bits back exactly (tensor_coding.h): so
// what a compressor claims is what the file has. Numbers are varints (varint.h) where nothing else is said;
// f32, f64 and the CRC (zlib's) are little endian.
//   file:       magic 8 bytes, 89 "cncedge" | version u8, 1 | metadata | graph | tensors | padding |
//               CRC-32 of all before it, u32
//   metadata:   how many | for each, ascending: name text | text
//   text:       how many bytes it begins with as the text before it does, at most 64 | how many more | they
//   graph:      how many values | each, in the order of ids | prediction + 1 | loss + 1
//   value:      what u8: 0 input, 1 parameter, 2 buffer, else 3 + the operator that gives it |
//               traits u8: bit 0 decays, bits 1-2 hold, bit 3 has a grid | [grid] | and then
//     input:    shape
//     parameter, buffer: name text | shape
//     operator: name text | how many inputs | for each, this id less its id | attributes
//   grid:       bits u8, bit 7 if signed | zero point, zigzag | how many scales | scales f32
//   shape:      how many extents | extents
//   attributes: which are not the default u8, from bit 0 on: kernel, stride, padding, each zigzag | rate,
//               momentum, epsilon, each f64 | activation u8 | shape
//   tensors:    for each parameter and buffer, in the order of ids: length | bytes as in tensor_coding.h
//   padding:    how many | so many zero bytes
// Shapes of activations are not there: the graph is built anew, and Graph::AddNode infers and checks them.
// A file has at most 64 + 4096 floats for each of its bytes, and 2^28 in one value: tensors of nothing but
// zeros would have more, and are padded. So a hostile file of 1 kB takes no more than some 50 MiB.
// Initialisers and fans are not kept: every tensor has its values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/graph/graph.h"

namespace concertina {

// How one tensor stands in the file.
struct StoredTensor {
  std::string name;
  Shape shape;
  int64_t nonzeros = 0;
  std::string coding;  // as people read it: "float32", "int8", "sparse, 5-bit codebook, arithmetic-coded"
  uint64_t bytes = 0;  // of it in the file, its scales and tables included
};

struct ModelFile {
  Graph graph;  // every parameter and buffer has given values
  std::map<std::string, std::string> metadata;
  std::vector<StoredTensor> tensors;  // in the order of their ids
  uint64_t bytes = 0;                 // of the whole file
};

// All of the graph, its loss included; ids stay as they are, except that activations which Fuse left without
// a node are not written. kInvalidArgument, naming the value or the layer: a parameter or buffer has no given
// values, not as many as its shape, values that its grid has not, or another's name; a text is no UTF-8; a part
// of a model (split_tensor.h). The bytes were read back before they are given.
absl::StatusOr<std::string> WriteModel(const Graph& graph,
                                       const std::map<std::string, std::string>& metadata);

// Trusts nothing in the bytes: kDataLoss, with `path` and the offset, for what is no such file or is damaged;
// kInvalidArgument for a file of a newer version. Allocates 4 bytes for each float that the file may have, 8
// more for those of the tensor at hand, and for the graph a small multiple of the file.
absl::StatusOr<ModelFile> ParseModel(const std::string& path, std::span<const std::byte> bytes);
absl::StatusOr<ModelFile> ReadModel(const std::string& path);  // of at most 4 GiB; kOutOfRange

}  // namespace concertina
