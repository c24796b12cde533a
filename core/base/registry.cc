// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// registry.cc: the components by category and kind, and the plugins that add more (see registry.h).
#include "core/base/registry.h"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "core/base/file.h"
#include "core/base/log.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {

struct Registry::Impl {
  struct Entry {
    Descriptor descriptor;
    std::any factory;
  };
  mutable std::shared_mutex mutex;  // plugins load while others read
  std::map<std::string, std::map<std::string, std::unique_ptr<Entry>, std::less<>>, std::less<>> entries;
};

Registry::Registry() : impl_(std::make_unique<Impl>()) {}
Registry::~Registry() = default;

Registry& Registry::Global() {
  static Registry registry;
  return registry;
}

bool Registry::AddErased(Descriptor descriptor, std::any factory) {
  std::unique_lock lock(impl_->mutex);
  auto& entry = impl_->entries[descriptor.category][descriptor.kind];
  if (entry != nullptr) {
    spdlog::warn("component {} {} is registered twice; the first one stays", descriptor.category,
                 descriptor.kind);
    return false;
  }
  entry = std::make_unique<Impl::Entry>(Impl::Entry{std::move(descriptor), std::move(factory)});
  return true;
}

const Descriptor* Registry::Find(std::string_view category, std::string_view kind) const {
  std::shared_lock lock(impl_->mutex);
  const auto in_category = impl_->entries.find(category);
  if (in_category == impl_->entries.end()) return nullptr;
  const auto entry = in_category->second.find(kind);
  return entry == in_category->second.end() ? nullptr : &entry->second->descriptor;
}

std::vector<std::string> Registry::Kinds(std::string_view category) const {
  std::vector<std::string> kinds;
  for (const Descriptor* descriptor : InCategory(category)) kinds.push_back(descriptor->kind);
  return kinds;
}

std::vector<const Descriptor*> Registry::InCategory(std::string_view category) const {
  std::shared_lock lock(impl_->mutex);
  std::vector<const Descriptor*> descriptors;
  if (const auto found = impl_->entries.find(category); found != impl_->entries.end())
    for (const auto& [kind, entry] : found->second) descriptors.push_back(&entry->descriptor);
  return descriptors;
}

std::vector<std::string> Registry::Categories() const {
  std::vector<std::string> order = {
      "dataset",           "partition",      "model",    "optimizer", "schedule",   "exchange",
      "pipeline-schedule", "gradient-codec", "launcher", "transport", "compressor", "knob-policy", "fault"};
  std::shared_lock lock(impl_->mutex);
  for (const auto& [category, entries] : impl_->entries)
    if (std::find(order.begin(), order.end(), category) == order.end()) order.push_back(category);
  return order;
}

Json Registry::ToJson() const {
  Json categories = Json::array();
  for (const std::string& category : Categories()) {
    Json components = Json::array();
    for (const Descriptor* descriptor : InCategory(category))
      components.push_back(DescriptorToJson(*descriptor));
    categories.push_back({{"category", category}, {"components", std::move(components)}});
  }
  return {{"categories", std::move(categories)}};
}

absl::StatusOr<const std::any*> Registry::FindFactory(std::string_view category,
                                                      std::string_view kind) const {
  std::shared_lock lock(impl_->mutex);
  if (const auto found = impl_->entries.find(category); found != impl_->entries.end())
    if (const auto entry = found->second.find(kind); entry != found->second.end())
      return &entry->second->factory;
  return absl::InvalidArgumentError(fmt::format("there is no {} \"{}\"", category, kind));
}

Params Registry::Check(std::string_view category, const Json& object, const std::string& pointer,
                       std::vector<Fault>& faults) const {
  const std::vector<std::string> kinds = Kinds(category);
  std::string known;
  for (const std::string& kind : kinds) known += (known.empty() ? "" : ", ") + kind;
  if (!object.is_object()) {
    faults.push_back(
        MakeFault(pointer, ShowJson(object), "an object like {\"kind\": …}, kind one of " + known));
    return {};
  }
  const auto kind = object.find("kind");
  if (kind == object.end() || !kind->is_string()) {
    faults.push_back(
        MakeFault(pointer + "/kind", kind == object.end() ? "nothing" : ShowJson(*kind), "one of " + known));
    return {};
  }
  const auto& name = kind->get_ref<const std::string&>();
  const Descriptor* descriptor = Find(category, name);
  if (descriptor == nullptr) {
    faults.push_back(MakeFault(pointer + "/kind", fmt::format("\"{}\"", Shortened(name)), "one of " + known,
                               NearestName(name, kinds)));
    return {};
  }
  return Params::Check(*descriptor, object, pointer, faults);
}

std::vector<std::string> LoadPlugins(const std::string& folder) {
  std::vector<std::string> refused;
  const absl::StatusOr<std::vector<std::string>> names = NamesInFolder(folder);
  if (!names.ok()) {
    if (!absl::IsNotFound(names.status())) refused.emplace_back(names.status().message());
    return refused;
  }
  std::vector<std::filesystem::path> files;
  for (const std::string& name : *names)
    if (std::filesystem::path(name).extension() == ".so")
      files.push_back(std::filesystem::path(folder) / name);
  for (const auto& file : files) {
    // The version is asked before any component of the module can be registered: modules keep their
    // registration in concertina_plugin_register, which is only called once the version fits.
    void* module = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) {
      refused.push_back(fmt::format("{}: {}", file.string(), dlerror()));
      continue;
    }
    using AbiFunction = int (*)();
    using RegisterFunction = void (*)();
    const auto abi = reinterpret_cast<AbiFunction>(dlsym(module, "concertina_plugin_abi"));
    const auto register_components =
        reinterpret_cast<RegisterFunction>(dlsym(module, "concertina_plugin_register"));
    if (abi == nullptr || register_components == nullptr) {
      refused.push_back(
          fmt::format("{}: is not a Concertina plugin (it has no concertina_plugin_abi); "
                      "remove it from the plugin folder",
                      file.string()));
      dlclose(module);
    } else if (abi() != kPluginAbiVersion) {
      refused.push_back(
          fmt::format("{}: was built for plugin version {}, this program has version {}; build it again",
                      file.string(), abi(), kPluginAbiVersion));
      dlclose(module);
    } else {
      register_components();  // stays loaded as long as the program: descriptors and code live in it
    }
  }
  return refused;
}

}  // namespace concertina
