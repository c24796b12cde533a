// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pooling.cc: windows walked position by position, one vector of samples at a time.
// On the way of the data: graph/pooling_operator.cc -> here.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/pooling.cc"
#include "core/tensor/highway_targets.h"
// clang-format off
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "core/tensor/register_tile-inl.h"
// clang-format on

#include <algorithm>

#include "core/tensor/parallel_for.h"
#include "core/tensor/pooling.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {

using IntTag = hn::RebindToSigned<FloatTag>;
using ByteTag = hn::Rebind<uint8_t, FloatTag>;

// The part of a window that lies on the image.
struct Window {
  HWY_INLINE Window(const PoolShape& shape, int64_t oy, int64_t ox)
      : top(oy * shape.stride - shape.padding),
        left(ox * shape.stride - shape.padding),
        first_ky(std::max<int64_t>(0, -top)),
        last_ky(std::min(shape.kernel, shape.height - top)),
        first_kx(std::max<int64_t>(0, -left)),
        last_kx(std::min(shape.kernel, shape.width - left)) {}
  int64_t top, left, first_ky, last_ky, first_kx, last_kx;
};

struct MaxForwardRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const FloatTag d;
    const IntTag di;
    const ByteTag db;
    const int64_t out_width = shape.out_width();
    const int64_t out_plane = shape.out_height() * out_width * shape.lanes;
    for (int64_t c = begin; c < end; ++c) {
      const float* plane = x + c * shape.height * shape.width * shape.lanes;
      for (int64_t oy = 0; oy < shape.out_height(); ++oy) {
        for (int64_t ox = 0; ox < out_width; ++ox) {
          const Window w(shape, oy, ox);
          const int64_t out = c * out_plane + (oy * out_width + ox) * shape.lanes;
          for (int64_t lane = 0; lane < shape.lanes; lane += kVectorLanes) {
            const int64_t first = w.first_ky * shape.kernel + w.first_kx;
            FloatVector largest = hn::LoadU(
                d, plane + ((w.top + w.first_ky) * shape.width + w.left + w.first_kx) * shape.lanes + lane);
            auto place = hn::Set(di, static_cast<int32_t>(first));
            for (int64_t ky = w.first_ky; ky < w.last_ky; ++ky) {
              const float* row = plane + ((w.top + ky) * shape.width + w.left) * shape.lanes + lane;
              for (int64_t kx = w.first_kx; kx < w.last_kx; ++kx) {
                const FloatVector element = hn::LoadU(d, row + kx * shape.lanes);
                const auto larger = hn::Or(hn::Gt(element, largest), hn::Ne(element, element));
                largest = hn::IfThenElse(larger, element, largest);
                place = hn::IfThenElse(hn::RebindMask(di, larger),
                                       hn::Set(di, static_cast<int32_t>(ky * shape.kernel + kx)), place);
              }
            }
            hn::StoreU(largest, d, y + out + lane);
            hn::StoreU(hn::DemoteTo(db, place), db, chosen + out + lane);
          }
        }
      }
    }
  }
  const PoolShape& shape;
  const float* x;
  float* y;
  uint8_t* chosen;
};

// Windows that do not overlap and leave no gap write each element once; the others add onto zeros.
HWY_INLINE bool TilesTheImage(const PoolShape& shape) {
  return shape.kernel == shape.stride && shape.padding == 0 && shape.height % shape.kernel == 0 &&
         shape.width % shape.kernel == 0;
}

HWY_INLINE void ClearPlane(const PoolShape& shape, float* plane) {
  std::fill_n(plane, shape.height * shape.width * shape.lanes, 0.0F);
}

struct MaxBackwardRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const FloatTag d;
    const IntTag di;
    const ByteTag db;
    const int64_t out_width = shape.out_width();
    const int64_t out_plane = shape.out_height() * out_width * shape.lanes;
    const bool adds = accumulate || !TilesTheImage(shape);
    for (int64_t c = begin; c < end; ++c) {
      float* plane = dx + c * shape.height * shape.width * shape.lanes;
      if (adds && !accumulate) ClearPlane(shape, plane);
      for (int64_t oy = 0; oy < shape.out_height(); ++oy) {
        for (int64_t ox = 0; ox < out_width; ++ox) {
          const Window w(shape, oy, ox);
          const int64_t out = c * out_plane + (oy * out_width + ox) * shape.lanes;
          for (int64_t lane = 0; lane < shape.lanes; lane += kVectorLanes) {
            const FloatVector gradient = hn::LoadU(d, dy + out + lane);
            const auto place = hn::PromoteTo(di, hn::LoadU(db, chosen + out + lane));
            for (int64_t ky = w.first_ky; ky < w.last_ky; ++ky) {
              float* row = plane + ((w.top + ky) * shape.width + w.left) * shape.lanes + lane;
              for (int64_t kx = w.first_kx; kx < w.last_kx; ++kx) {
                const auto here = hn::RebindMask(
                    d, hn::Eq(place, hn::Set(di, static_cast<int32_t>(ky * shape.kernel + kx))));
                FloatVector share = hn::IfThenElseZero(here, gradient);
                if (adds) share = hn::Add(share, hn::LoadU(d, row + kx * shape.lanes));
                hn::StoreU(share, d, row + kx * shape.lanes);
              }
            }
          }
        }
      }
    }
  }
  const PoolShape& shape;
  const float* dy;
  const uint8_t* chosen;
  bool accumulate;
  float* dx;
};

struct AverageForwardRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const FloatTag d;
    const int64_t out_width = shape.out_width();
    const int64_t out_plane = shape.out_height() * out_width * shape.lanes;
    const FloatVector share = hn::Set(d, 1.0F / static_cast<float>(shape.kernel * shape.kernel));
    for (int64_t c = begin; c < end; ++c) {
      const float* plane = x + c * shape.height * shape.width * shape.lanes;
      for (int64_t oy = 0; oy < shape.out_height(); ++oy) {
        for (int64_t ox = 0; ox < out_width; ++ox) {
          const Window w(shape, oy, ox);
          const int64_t out = c * out_plane + (oy * out_width + ox) * shape.lanes;
          for (int64_t lane = 0; lane < shape.lanes; lane += kVectorLanes) {
            FloatVector sum = hn::Zero(d);
            for (int64_t ky = w.first_ky; ky < w.last_ky; ++ky) {
              const float* row = plane + ((w.top + ky) * shape.width + w.left) * shape.lanes + lane;
              for (int64_t kx = w.first_kx; kx < w.last_kx; ++kx)
                sum = hn::Add(sum, hn::LoadU(d, row + kx * shape.lanes));
            }
            hn::StoreU(hn::Mul(sum, share), d, y + out + lane);
          }
        }
      }
    }
  }
  const PoolShape& shape;
  const float* x;
  float* y;
};

struct AverageBackwardRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const FloatTag d;
    const int64_t out_width = shape.out_width();
    const int64_t out_plane = shape.out_height() * out_width * shape.lanes;
    const FloatVector share = hn::Set(d, 1.0F / static_cast<float>(shape.kernel * shape.kernel));
    for (int64_t c = begin; c < end; ++c) {
      float* plane = dx + c * shape.height * shape.width * shape.lanes;
      if (!accumulate) ClearPlane(shape, plane);
      for (int64_t oy = 0; oy < shape.out_height(); ++oy) {
        for (int64_t ox = 0; ox < out_width; ++ox) {
          const Window w(shape, oy, ox);
          const int64_t out = c * out_plane + (oy * out_width + ox) * shape.lanes;
          for (int64_t lane = 0; lane < shape.lanes; lane += kVectorLanes) {
            const FloatVector gradient = hn::Mul(hn::LoadU(d, dy + out + lane), share);
            for (int64_t ky = w.first_ky; ky < w.last_ky; ++ky) {
              float* row = plane + ((w.top + ky) * shape.width + w.left) * shape.lanes + lane;
              for (int64_t kx = w.first_kx; kx < w.last_kx; ++kx)
                hn::StoreU(hn::Add(gradient, hn::LoadU(d, row + kx * shape.lanes)), d,
                           row + kx * shape.lanes);
            }
          }
        }
      }
    }
  }
  const PoolShape& shape;
  const float* dy;
  bool accumulate;
  float* dx;
};

struct GlobalForwardRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const FloatTag d;
    const int64_t places = shape.height * shape.width;
    const FloatVector share = hn::Set(d, 1.0F / static_cast<float>(places));
    for (int64_t c = begin; c < end; ++c) {
      for (int64_t lane = 0; lane < shape.lanes; lane += kVectorLanes) {
        const float* p = x + c * places * shape.lanes + lane;
        FloatVector sum = hn::Zero(d);
        for (int64_t i = 0; i < places; ++i) sum = hn::Add(sum, hn::LoadU(d, p + i * shape.lanes));
        hn::StoreU(hn::Mul(sum, share), d, y + c * shape.lanes + lane);
      }
    }
  }
  const PoolShape& shape;
  const float* x;
  float* y;
};

struct GlobalBackwardRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const FloatTag d;
    const int64_t places = shape.height * shape.width;
    const FloatVector share = hn::Set(d, 1.0F / static_cast<float>(places));
    for (int64_t c = begin; c < end; ++c) {
      for (int64_t lane = 0; lane < shape.lanes; lane += kVectorLanes) {
        float* p = dx + c * places * shape.lanes + lane;
        const FloatVector gradient = hn::Mul(hn::LoadU(d, dy + c * shape.lanes + lane), share);
        for (int64_t i = 0; i < places; ++i, p += shape.lanes)
          hn::StoreU(accumulate ? hn::Add(gradient, hn::LoadU(d, p)) : gradient, d, p);
      }
    }
  }
  const PoolShape& shape;
  const float* dy;
  bool accumulate;
  float* dx;
};

HWY_ATTR void MaxForward(const PoolShape& shape, const float* x, float* y, uint8_t* chosen) {
  ParallelFor(shape.threads, shape.channels, MaxForwardRange{shape, x, y, chosen});
}
HWY_ATTR void MaxBackward(const PoolShape& shape, const float* dy, const uint8_t* chosen, bool accumulate,
                          float* dx) {
  ParallelFor(shape.threads, shape.channels, MaxBackwardRange{shape, dy, chosen, accumulate, dx});
}
HWY_ATTR void AverageForward(const PoolShape& shape, const float* x, float* y) {
  ParallelFor(shape.threads, shape.channels, AverageForwardRange{shape, x, y});
}
HWY_ATTR void AverageBackward(const PoolShape& shape, const float* dy, bool accumulate, float* dx) {
  ParallelFor(shape.threads, shape.channels, AverageBackwardRange{shape, dy, accumulate, dx});
}
HWY_ATTR void GlobalForward(const PoolShape& shape, const float* x, float* y) {
  ParallelFor(shape.threads, shape.channels, GlobalForwardRange{shape, x, y});
}
HWY_ATTR void GlobalBackward(const PoolShape& shape, const float* dy, bool accumulate, float* dx) {
  ParallelFor(shape.threads, shape.channels, GlobalBackwardRange{shape, dy, accumulate, dx});
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {
namespace {
HWY_EXPORT(MaxForward);
HWY_EXPORT(MaxBackward);
HWY_EXPORT(AverageForward);
HWY_EXPORT(AverageBackward);
HWY_EXPORT(GlobalForward);
HWY_EXPORT(GlobalBackward);
}  // namespace

void MaxPoolForward(const PoolShape& shape, const float* x, float* y, uint8_t* chosen) {
  HWY_DYNAMIC_DISPATCH(MaxForward)(shape, x, y, chosen);
}
void MaxPoolBackward(const PoolShape& shape, const float* dy, const uint8_t* chosen, bool accumulate,
                     float* dx) {
  HWY_DYNAMIC_DISPATCH(MaxBackward)(shape, dy, chosen, accumulate, dx);
}
void AveragePoolForward(const PoolShape& shape, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(AverageForward)(shape, x, y);
}
void AveragePoolBackward(const PoolShape& shape, const float* dy, bool accumulate, float* dx) {
  HWY_DYNAMIC_DISPATCH(AverageBackward)(shape, dy, accumulate, dx);
}
void GlobalAverageForward(const PoolShape& shape, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(GlobalForward)(shape, x, y);
}
void GlobalAverageBackward(const PoolShape& shape, const float* dy, bool accumulate, float* dx) {
  HWY_DYNAMIC_DISPATCH(GlobalBackward)(shape, dy, accumulate, dx);
}

}  // namespace concertina
#endif  // HWY_ONCE
