// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// registry.h: every component of the program by category and kind. A component is one file that ends
// in REGISTER_COMPONENT; nothing else names it.
#pragma once

#include <any>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include "core/base/descriptor.h"

namespace concertina {

// The version that plugins are built against; any change of a component interface raises it.
inline constexpr int kPluginAbiVersion = 3;

class Registry {
 public:
  template <class Interface>
  using Factory = std::function<absl::StatusOr<std::unique_ptr<Interface>>(const Params&)>;

  static Registry& Global();

  // A kind registered twice keeps the first; the second is told to the log and refused (false).
  template <class Interface>
  bool Add(Descriptor descriptor, Factory<Interface> factory) {
    return AddErased(std::move(descriptor), std::any(std::move(factory)));
  }

  // kInvalidArgument with the nearest name if there is no such kind.
  template <class Interface>
  absl::StatusOr<std::unique_ptr<Interface>> Create(std::string_view category, const Params& params) const {
    ASSIGN_OR_RETURN(const std::any* factory, FindFactory(category, params.kind()));
    const auto* typed = std::any_cast<Factory<Interface>>(factory);
    if (typed == nullptr)
      return absl::InternalError("component " + params.kind() + " has another interface than " +
                                 typeid(Interface).name());
    return (*typed)(params);
  }

  // Null if absent. Descriptors live as long as the program.
  const Descriptor* Find(std::string_view category, std::string_view kind) const;
  std::vector<std::string> Kinds(std::string_view category) const;  // sorted
  std::vector<std::string> Categories() const;                      // in DESIGN's order, then others
  std::vector<const Descriptor*> InCategory(std::string_view category) const;
  Json ToJson() const;  // `describe --json`

  // Checks {"kind": …, …} of a category: unknown kinds, then the parameters. See Params::Check.
  Params Check(std::string_view category, const Json& object, const std::string& pointer,
               std::vector<Fault>& faults) const;

 private:
  struct Impl;
  Registry();
  ~Registry();
  bool AddErased(Descriptor descriptor, std::any factory);
  absl::StatusOr<const std::any*> FindFactory(std::string_view category, std::string_view kind) const;
  std::unique_ptr<Impl> impl_;
};

// Loads every *.so in `folder`, each of which must export `int concertina_plugin_abi()` equal to
// kPluginAbiVersion, and registers its components as it loads. Gives a line for each that was refused.
// Absent folder: nothing to do.
std::vector<std::string> LoadPlugins(const std::string& folder);

}  // namespace concertina

// REGISTER_COMPONENT(Codec, Descriptor({...}), [](const Params& p) -> absl::StatusOr<std::unique_ptr<Codec>>
// {...});
#define REGISTER_COMPONENT(Interface, ...)                                      \
  [[maybe_unused]] static const bool CONCERTINA_CONCAT(registered_, __COUNTER__) = \
      ::concertina::Registry::Global().Add<Interface>(__VA_ARGS__)

// A plugin is one .cc, linked as a shared module, with this line at its end instead of
// REGISTER_COMPONENT; `plugins/` holds the example to copy.
#define CONCERTINA_PLUGIN(Interface, ...)                                            \
  extern "C" int concertina_plugin_abi() { return ::concertina::kPluginAbiVersion; } \
  extern "C" void concertina_plugin_register() {                                     \
    ::concertina::Registry::Global().Add<Interface>(__VA_ARGS__);                    \
  }
