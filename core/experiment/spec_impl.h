// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_impl.h: the insides of CheckSpec, which stand in four files: spec_sections.cc (each section by
// itself), spec_lists.cc (the sections that are lists), spec_contradictions.cc (the sections against each
// other), and spec.cc, which calls them in their order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/experiment/sections.h"
#include "core/experiment/spec.h"
#include "core/parallel/exchange.h"
#include "nlohmann/json.hpp"

namespace concertina {

constexpr size_t kMaxNameCharacters = 200;  // of the name of a run, and of a pattern of layers' names

// A checked component as a filled spec has it: {"kind": …} first, then the parameters as the descriptor lists
// them, nested components likewise.
OrderedJson ComponentInOrder(std::string_view category, const Json& value);

// Reads one file. What is good goes to the spec and, in order and filled in, to the text that the spec has of
// itself; every fault is kept.
class SpecReader {
 public:
  explicit SpecReader(const Json& file) : file_(file) {}

  SpecCheck Run();

 private:
  SpecCheck Result();
  void MakeName();  // of a run that has none

  // spec_sections.cc
  Json Section(const std::string& name) const;  // or what it is when left out
  void CheckNames();
  void CheckNameAndSeed();
  // A section that is a component. `part`: the component inside that also stands by itself in the spec, and
  // what it is when left out.
  Params Component(const std::string& section, const std::string& part = "",
                   const std::string& part_absent = "", Params* part_params = nullptr);
  // A section that is none: an object without "kind". Nothing if it has faults.
  std::optional<Params> Plain(const std::string& section);
  void CheckTraining();
  void CheckMesh();
  void CheckTensor();
  void CheckNetwork();
  void CheckWorkers();
  OrderedJson CheckGroup(const Json& entry, const std::string& pointer);
  void CheckElastic();

  // spec_lists.cc
  // A list that stands in a filled spec only where the file names it. Null if it is no list.
  const Json* ListOf(const std::string& name, const char* example);
  // Whether it is an object with no other fields than these.
  bool HasOnly(const Json& entry, const std::string& pointer, const std::vector<std::string>& fields,
               const char* example);
  // The list of codecs at `where`: those that are good go to `codecs`, and come back in order.
  OrderedJson Chain(const Json& chain, const std::string& where, std::vector<Params>& codecs);
  void CheckGradient();
  void CheckLayerGradients();
  void CheckRecipe();
  void CheckInjections();
  void CheckKnobs();
  void CheckHeldKnob(size_t index, const std::vector<LiveKnob>& live);
  void CheckPolicy(const Params& params, const ParamSpec& knob, const std::string& where);

  // spec_contradictions.cc. Only what is good by itself is compared.
  bool HasFaultsOf(std::string_view pointer) const;
  std::unique_ptr<Exchange> MakeExchange() const;  // null where its own section has faults
  int64_t Servers() const;                         // workers besides the mesh's that only serve
  void CheckContradictions();
  void CheckMeshFits();
  void CheckTransport();
  void CheckPipeline();
  // `codec`, of what /`axis` says of activations; `fits`: what the axis says of it.
  void CheckActivations(const std::string& axis, const Params& codec, const absl::Status& fits);
  void CheckTensorCodec();
  void CheckRounds();
  void CheckDifferences(const std::vector<Params>& gradient, const std::string& where);
  void CheckVote(std::span<const Params> gradient, const std::string& where);
  void CheckAveragedMomentum();
  void CheckCodedByLayer();
  void CheckRecipeFits();

  const Json& file_;
  Spec spec_;
  OrderedJson filled_;
  std::vector<Fault> faults_;
  bool has_mesh_ = false, has_mesh_data_ = false, has_workers_ = false;  // good by themselves
};

}  // namespace concertina
