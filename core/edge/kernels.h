// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// kernels.h: the products of the edge runtime, for one sample and one thread, compiled for each kind of
// processor. On the way of the data: edge/runtime_products.cc, edge/runtime_elements.cc -> here.
//
// Sums go over the inputs in their order, one fused multiply-add each, with outputs (dense), pixels or output
// channels (convolution) side by side in a vector: so the bits of a float do not depend on how wide vectors
// are, only on whether the processor has such an instruction (x86-64 from AVX2 on, arm64, armhf with VFPv4;
// without it a product is rounded first). Products of int8 are whole numbers and exact everywhere. What else
// multiplies and adds, as AddBytes does, rounds twice everywhere: compiled with -ffp-contract=off, since a
// compiler that joins the two where it can makes other bytes of one file on another processor.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace concertina::edge {

// Elements that may be read, and are never used, after the end of what a kernel is given.
inline constexpr int64_t kSlack = 64;

// A convolution reads its input from a prepared copy: padded, split into stride x stride phases so that the
// pixels that neighbouring outputs read of one tap are neighbours too, and with rows long enough for whole
// vectors.
//   prepared[phase y][phase x][channel][row][column] = x[channel][row stride + phase y - padding][…]
struct ConvolutionShape {
  int64_t in_channels = 1, height = 1, width = 1;
  int64_t kernel_height = 1, kernel_width = 1, stride = 1, padding = 0;
  int64_t out_channels = 1, out_height = 1, out_width = 1;
  int64_t taps() const { return in_channels * kernel_height * kernel_width; }  // of one output
  int64_t phase_height() const { return (height + 2 * padding + stride - 1) / stride; }
  int64_t phase_width() const { return (width + 2 * padding + stride - 1) / stride; }
  int64_t plane() const { return phase_height() * phase_width(); }
  // Whether x itself, with kSlack elements after it, is the prepared copy.
  bool is_prepared() const { return stride == 1 && padding == 0; }
  // Where a tap's pixel of output (0, 0) lies among the planes of `channels` channels.
  int64_t TapOffset(int64_t channels, int64_t channel, int64_t ky, int64_t kx) const {
    const int64_t phase = ky % stride * stride + kx % stride;
    return (phase * channels + channel) * plane() + ky / stride * phase_width() + kx / stride;
  }
  // The same image, padded only: with nothing to leave out there is one phase.
  ConvolutionShape Unstrided() const {
    ConvolutionShape shape = *this;
    shape.stride = 1;
    return shape;
  }
  int64_t prepared_count(int64_t channels) const { return stride * stride * channels * plane(); }
};

// Rows of weights that a convolution's inner loop takes at a time, and outputs that a dense layer's does.
int64_t ConvolutionRows();
inline constexpr int64_t kDenseBlock = 64;
inline constexpr int64_t kDenseLanes = 16;

// What comes after the sum.
struct FloatTail {
  const float* bias = nullptr;  // one an output; null: none
  bool rectifies = false;
};
// q = round(sum * multiplier) + zero_point, within `least` … `most`; or, as floats, sum * multiplier,
// rectified where `rectifies`. The bias is part of the sum.
struct IntegerTail {
  const int32_t* bias = nullptr;
  const float* multiplier = nullptr;  // one an output
  int32_t zero_point = 0;
  int32_t least = 0, most = 255;  // of a grid of fewer bits, its last
  bool rectifies = false;
};

// Dense layers. Packed: blocks of kDenseBlock outputs (the last a multiple of kDenseLanes, padded with
// zeros), of each the weights of input 0, of input 1, …
std::vector<float> PackDense(std::span<const float> weight, int64_t inputs, int64_t outputs);
// `nonzero`: room for the indices of `inputs` elements; those of x that are zero add nothing and cost
// nothing. y has room for the padded outputs.
void DenseFloat(const float* packed, int64_t inputs, int64_t outputs, const float* x, int32_t* nonzero,
                const FloatTail& tail, float* y);

// Of a dense layer most of whose weights are zero: of each input the blocks of kSparseBlock outputs that have
// a weight for it, and all weights of those. Each input has whole groups of kSparseGroup blocks, the last
// filled with zeros for a block behind the outputs.
inline constexpr int64_t kSparseBlock = 8;
inline constexpr int64_t kSparseGroup = 4;
struct SparseDense {
  std::vector<int32_t> begin;    // inputs + 1, in blocks
  std::vector<uint16_t> output;  // the first of each block
  std::vector<float> weight;     // kSparseBlock a block
  int64_t macs() const { return static_cast<int64_t>(output.size()) * kSparseBlock; }
  int64_t bytes() const {
    return static_cast<int64_t>(begin.size() * 4 + output.size() * 2 + weight.size() * 4);
  }
};
// `outputs`: below kMostSparseOutputs.
inline constexpr int64_t kMostSparseOutputs = (1 << 16) - 2 * kSparseBlock;
SparseDense PackSparseDense(std::span<const float> weight, int64_t inputs, int64_t outputs);
bool FavoursSparse(const SparseDense& packed,
                   int64_t outputs);  // whether that is faster here than DenseFloat
// As DenseFloat, with the same bits. `weights`: those of `packed`, which with y lie best from the beginning
// of a line of the cache. y has room for kSparseBlock more than the padded outputs.
void DenseSparse(const SparseDense& packed, const float* weights, int64_t inputs, int64_t outputs,
                 const float* x, int32_t* nonzero, const FloatTail& tail, float* y);

// The same with whole numbers: two inputs stand together.
std::vector<int8_t> PackDenseInteger(std::span<const int8_t> weight, int64_t inputs, int64_t outputs);
// x: (inputs + 1) / 2 pairs of numbers from -255 to 255. Writes y_bytes, or y_floats where that is null.
void DenseInteger(const int8_t* packed, int64_t inputs, int64_t outputs, const int16_t* x, int32_t* nonzero,
                  int32_t* sums, const IntegerTail& tail, uint8_t* y_bytes, float* y_floats);

// Convolutions. Packed: blocks of ConvolutionRows() output channels, of each the weights of tap 0, tap 1, …
void PrepareFloat(const ConvolutionShape& shape, const float* x,
                  float* prepared);  // the padding is there already
std::vector<float> PackConvolution(std::span<const float> weight, const ConvolutionShape& shape);
std::vector<int32_t> TapOffsets(const ConvolutionShape& shape);
void ConvolutionFloat(const ConvolutionShape& shape, const float* packed, const int32_t* offsets,
                      const float* prepared, const FloatTail& tail, float* y);

// The same sums to the last bit, with output channels side by side in a vector instead of pixels, each of
// which may lie anywhere: so `padded` and `offsets` are those of shape.Unstrided(). Packed: blocks of two
// vectors of channels (of one, if that takes the last), of each the weights of tap 0, tap 1, …
bool FavoursChannels(const ConvolutionShape& shape);  // whether that is faster here
std::vector<float> PackConvolutionByChannels(std::span<const float> weight, const ConvolutionShape& shape);
void ConvolutionByChannels(const ConvolutionShape& shape, const float* packed, const int32_t* offsets,
                           const float* padded, const FloatTail& tail, float* y);

// Of a convolution most of whose weights are zero: of each output channel the taps that are not, and their
// weights.
struct SparseConvolution {
  std::vector<int32_t> begin;  // out_channels + 1
  std::vector<int32_t> offset;
  std::vector<float> weight;
  int64_t bytes() const { return static_cast<int64_t>((begin.size() + offset.size() + weight.size()) * 4); }
};
SparseConvolution PackSparseConvolution(std::span<const float> weight, const ConvolutionShape& shape);
void ConvolutionSparse(const ConvolutionShape& shape, const SparseConvolution& packed, const float* prepared,
                       const FloatTail& tail, float* y);

// Each channel by itself, of an input without its padding. shape.in_channels = shape.out_channels.
void DepthwiseFloat(const ConvolutionShape& shape, const float* weight, const float* x, float* y);

// Whole numbers: two input channels stand together; of a single channel a pixel and its right neighbour, so
// that two taps of a row do.
struct IntegerTaps {
  std::vector<int32_t> offsets;  // in pairs of int16
  int64_t pair_channels = 1;
};
// The taps of a convolution as pairs, in the order of PairTaps: calls place(pair, first or second, tap's
// channel, ky, kx). A second that is not there is not called for.
template <class Place>
void ForEachPairedTap(const ConvolutionShape& s, Place place) {
  int64_t pair = 0;
  if (s.in_channels == 1 && s.stride == 1) {
    for (int64_t ky = 0; ky < s.kernel_height; ++ky)
      for (int64_t kx = 0; kx < s.kernel_width; kx += 2, ++pair) {
        place(pair, 0, int64_t{0}, ky, kx);
        if (kx + 1 < s.kernel_width) place(pair, 1, int64_t{0}, ky, kx + 1);
      }
    return;
  }
  for (int64_t c = 0; c < s.in_channels; c += 2)
    for (int64_t ky = 0; ky < s.kernel_height; ++ky)
      for (int64_t kx = 0; kx < s.kernel_width; ++kx, ++pair) {
        place(pair, 0, c, ky, kx);
        if (c + 1 < s.in_channels) place(pair, 1, c + 1, ky, kx);
      }
}
IntegerTaps PairTaps(const ConvolutionShape& shape);
// `prepared`: prepared_count(pair_channels) pairs; the padding is zero already.
void PrepareInteger(const ConvolutionShape& shape, const uint8_t* x, int32_t zero_point, int16_t* prepared);
std::vector<int16_t> PackConvolutionInteger(std::span<const int8_t> weight, const ConvolutionShape& shape);
void ConvolutionInteger(const ConvolutionShape& shape, const int16_t* packed, const IntegerTaps& taps,
                        const int16_t* prepared, const IntegerTail& tail, uint8_t* y_bytes, float* y_floats);

// The same bytes, with output channels side by side in a vector (see ConvolutionByChannels): `padded` and
// `taps` are those of shape.Unstrided().
bool IntegersFavourChannels(const ConvolutionShape& shape);  // whether that is faster here
std::vector<int16_t> PackIntegersByChannels(std::span<const int8_t> weight, const ConvolutionShape& shape);
void IntegersByChannels(const ConvolutionShape& shape, const int16_t* packed, const IntegerTaps& taps,
                        const int16_t* padded, const IntegerTail& tail, uint8_t* y);

// Everything else, element by element.
// Within 0 … most.
void QuantizeBytes(std::span<const float> x, float scale, int32_t zero_point, int32_t most, uint8_t* q);
void DequantizeBytes(std::span<const uint8_t> q, float scale, int32_t zero_point, float* x);
void PairBytes(std::span<const uint8_t> q, int32_t zero_point, int16_t* pairs);  // for DenseInteger
void MaxPool2Float(int64_t channels, int64_t height, int64_t width, const float* x,
                   float* y);  // 2 x 2, stride 2
void MaxPool2Bytes(int64_t channels, int64_t height, int64_t width, const uint8_t* x, uint8_t* y);
void AddFloat(std::span<const float> a, const float* b, bool rectifies, float* y);
// q = round(a_scale (a - a_zero) + b_scale (b - b_zero)) + zero_point, within `least` … `most`; scales
// are those of the inputs over the output's.
struct AddGrids {
  float a_scale = 1, b_scale = 1;
  int32_t a_zero = 0, b_zero = 0, zero_point = 0, least = 0, most = 255;
};
void AddBytes(std::span<const uint8_t> a, const uint8_t* b, const AddGrids& grids, uint8_t* y);

}  // namespace concertina::edge
