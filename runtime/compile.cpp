// From text to a callable kernel: parse, optimize, choose a back end, publish. The choice is written down in
// origin(), with the reason if it is not generated code.
#include <algorithm>
#include <string_view>

#include "ir/parse.h"
#include "ops/catalogue.h"
#include "ops/user_ops.h"
#include "runtime/boundary.h"
#include "runtime/environment.h"
#include "runtime/host.h"
#include "runtime/impl.h"
#include "runtime/lint.h"
#include "runtime/profile/observe.h"
#include "runtime/settings.h"
#include "runtime/watch.h"
#include "trueno/builder.h"

namespace trueno {

namespace runtime {
namespace {

/// What code may be generated for, or why none can be.
Result<jit::Target> choose_target(const CompileOptions& options) {
  const Host& host = runtime::host();
  const std::string note = host.note.empty() ? "" : " (" + host.note + ")";
  if (!host.isa) return Error(Status::unavailable, "this CPU lacks sse2" + note);
  if (options.isa && *options.isa > *host.isa && options.backend == Backend::jit)
    return Error(Status::unavailable, std::string(name_of(*options.isa)) + " was asked for, but this host has " +
                                          std::string(name_of(*host.isa)) + note);
  jit::Target target{options.isa ? std::min(*options.isa, *host.isa) : *host.isa, 0};
  for (int bits : {512, 256, 128})
    if (jit::has_vector_length(target.isa, bits) && bits <= host.vector_bits_cap && target.vector_bits == 0)
      target.vector_bits = bits;
  if (options.vector_bits != 0) {
    if (options.vector_bits != 128 && options.vector_bits != 256 && options.vector_bits != 512)
      return Error(Status::invalid_argument,
                   "vector_bits = " + std::to_string(options.vector_bits) + ": must be 128, 256 or 512");
    if (options.vector_bits > target.vector_bits && options.backend == Backend::jit)
      return Error(Status::unavailable, std::string(name_of(target.isa)) + " has no vectors of " +
                                            std::to_string(options.vector_bits) + " bits here" + note);
    target.vector_bits = std::min(options.vector_bits, target.vector_bits);
  }
  return target;
}

/// What a kernel is tuned by.
KernelClass class_of(const ir::Kernel& k) {
  const auto is_array = [](const ir::Output& o) { return o.array; };
  if (std::none_of(k.outputs.begin(), k.outputs.end(), is_array)) return KernelClass::reduction;
  const auto reduces = [](const ir::Node& n) { return ir::is_reduction(n.op); };
  const bool plain = std::all_of(k.outputs.begin(), k.outputs.end(), is_array) &&
                     std::none_of(k.nodes.begin(), k.nodes.end(), reduces);
  return plain ? KernelClass::elementwise : KernelClass::mixed;
}

/// Puts in what is configured for the target's ISA and kernels like `k`. A vector length asked for is kept.
void tune(jit::Target& target, const ir::Kernel& k, const Settings& configured, const CompileOptions& options) {
  const Tuned& tuned = configured.tuned_for(target.isa, class_of(k));
  target.tuning = tuned.tuning;
  if (options.vector_bits == 0 && tuned.vector_bits != 0)
    target.vector_bits = std::min(target.vector_bits, tuned.vector_bits);
}

}  // namespace

Result<jit::Target> target_for(const ir::Kernel& kernel, const CompileOptions& options) {
  auto target = choose_target(options);
  if (const auto& configured = settings(); target && configured) tune(*target, kernel, *configured, options);
  return target;
}

jit::Tuning tuning_for(const ir::Kernel& kernel, Isa isa) {
  const auto& configured = settings();
  return configured ? configured->tuned_for(isa, class_of(kernel)).tuning : jit::Tuning();
}

VerifyPolicy policy_of(const CompileOptions& options) {
  return options.verify.value_or(settings() ? settings()->verify : VerifyPolicy::off);
}

namespace {

/// Generated code for the kernel in `impl`, or why there is none.
Result<void> generate(Kernel::Impl& impl, const CompileOptions& options, const Settings& configured) {
  const auto target = target_for(impl.optimized, options);
  if (!target) return target.error();
  if (auto fine = jit::not_refused_for_good(); !fine) return fine.error();
  std::optional<Observers> observers;
  if (Observers::wanted(configured)) [[unlikely]]
    observers.emplace(configured);
  auto code = jit::compile(impl.optimized, *target, observers ? observers->trace() : nullptr);
  if (!code) return code.error();
  if (auto* plant = plant_in_code.load(std::memory_order_relaxed)) plant(code->bytes);
  if (configured.lint) [[unlikely]]
    if (auto fine = look_at(*code, impl.optimized, configured); !fine) return fine.error();
  auto memory = observers ? observers->publish(impl.optimized, *code) : jit::Executable::publish(code->bytes);
  impl.provisional = !memory && memory.status() == Status::unavailable && jit::not_refused_for_good();
  if (!memory) return memory.error();
  impl.memory = std::move(*memory);
  impl.backend = Backend::jit;
  impl.origin.reserve(48);
  impl.origin.append("jit ").append(name_of(target->isa)).append(" vl").append(std::to_string(target->vector_bits));
  impl.origin.append(", ").append(std::to_string(code->pool_offset)).append(" bytes of code");
  impl.code = std::move(*code);
  impl.whole = impl.entry(impl.code.whole);
  impl.guarded = !impl.code.slots.guards.empty();
  const jit::SlotMap& slots = impl.code.slots;
  for (std::size_t i = 0; i < impl.needs.size(); ++i) {
    const std::uint32_t slot = i < impl.inputs ? slots.scalars[i] : slots.outputs[i - impl.inputs];
    impl.needs[i].slot = slot == ~0u ? 0 : static_cast<std::uint16_t>(slot);
  }
  if (impl.first_array < impl.inputs && impl.needs.size() <= Kernel::Impl::kQuickArrays &&
      slots.size <= Kernel::Impl::kQuickSlots)
    impl.quick_inputs = impl.inputs, impl.quick_outputs = impl.outputs;
  if (impl.quick_inputs == 1 && impl.quick_outputs == 1 && !impl.guarded) {
    impl.one_result = impl.needs[1];
    impl.one_to_one = Kernel::Impl::shapes(impl.needs[0].shape, impl.one_result.shape);
  }
  impl.quick_elements = impl.code.block ? static_cast<std::size_t>(impl.code.block) : ~std::size_t{0};
  impl.code.bytes = {};
  impl.code.labels = {};
  return {};
}

/// The fallback's program for the kernel in `impl`, or why there is none. `before`: what stood against generated code.
Result<void> fall_back(Kernel::Impl& impl, const CompileOptions& options, const std::string& before) {
  const auto target = choose_target(options);
  if (!target) return target.error();
  auto program = aot::Program::make(impl.optimized, target->isa);
  if (!program) return program.error();
  impl.program = std::move(*program);
  impl.backend = Backend::fallback;
  impl.origin = "fallback " + std::string(name_of(target->isa)) + ": " + before;
  return {};
}

}  // namespace

Result<void> do_without_code(Kernel::Impl& impl, const CompileOptions& options, const std::string& why) {
  auto made = fall_back(impl, options, why);
  if (made || options.backend == Backend::fallback || made.status() != Status::unavailable) return made;
  impl.backend = Backend::interpreter;
  impl.origin = "interpreter: " + why + "; " + std::string(made.error().message());
  return {};
}

namespace {

/// Generated code, else the fallback, else the interpreter: what of it may be, and the first that can. The interpreter
/// obeys no configuration, so it is to be had even where there is none to obey.
Result<void> choose_backend(Kernel::Impl& impl, const CompileOptions& options) {
  if (options.backend > Backend::fallback || (options.isa && *options.isa > Isa::avx512))
    return Error(Status::invalid_argument, "what was asked for is no back end or no ISA of this version");
  Backend asked = options.backend;
  std::string reason = "asked for";
  const auto& configured = settings();
  if (asked != Backend::interpreter && !configured) return configured.error();
  if (asked == Backend::automatic && configured->backend != asked) {
    asked = configured->backend;
    reason = "jit = off (" + configured->backend_origin + ")";
  }
  if (asked == Backend::automatic || asked == Backend::jit) {
    auto made = generate(impl, options, *configured);
    if (made || asked == Backend::jit || made.status() != Status::unavailable) return made;
    reason = made.error().message();
  }
  if (asked != Backend::interpreter) return do_without_code(impl, options, reason);
  impl.origin = "interpreter: " + reason;
  return {};
}

void describe(Kernel::Impl& impl) {
  const ir::Kernel& k = impl.optimized;
  for (const ir::Param& p : k.params) impl.parameters.push_back({p.name, p.type, p.is_array()});
  for (const ir::Output& o : k.outputs) impl.results.push_back({o.name, k[o.value].type, o.array});
  for (const std::vector<Slot>* slots : {&impl.parameters, &impl.results})
    for (const Slot& s : *slots) {
      if (s.array && impl.first_array == ~0u) impl.first_array = static_cast<std::uint32_t>(impl.needs.size());
      impl.needs.push_back({Kernel::Impl::shape(s.type, s.array), 0, static_cast<std::uint32_t>(stored_bytes(s.type))});
      impl.may_overlap = impl.may_overlap || (slots == &impl.results && s.array);
    }
  impl.inputs = static_cast<std::uint32_t>(impl.parameters.size());
  impl.outputs = static_cast<std::uint32_t>(impl.results.size());
  impl.may_overlap = impl.may_overlap || impl.outputs > 1;
  impl.look_closer = impl.may_overlap || impl.needs_elements;
}

}  // namespace

Result<Prepared> prepare(const ir::Kernel& kernel, const ir::Catalogue& ops) {
  Prepared prepared;
  // What was written decides whether a result depends on min or max, not what is left of it.
  auto optimized = ir::optimize(kernel, ops, [&](std::string_view pass, const ir::Kernel& k) {
    if (pass == "expanded") prepared.needs_elements = ir::needs_elements(k);
  });
  if (!optimized) return optimized.error();
  prepared.optimized = std::move(*optimized);
  return prepared;
}

Result<Kernel> build(Prepared prepared, const CompileOptions& options) {
  auto impl = std::make_shared<Kernel::Impl>();
  impl->needs_elements = prepared.needs_elements;
  impl->optimized = std::move(prepared.optimized);
  describe(*impl);
  if (auto chosen = choose_backend(*impl, options); !chosen) return chosen.error();
  const VerifyPolicy policy = policy_of(options);
  if (policy != VerifyPolicy::off && impl->backend == Backend::jit) return watched(std::move(impl), policy, options);
  return Kernel(std::move(impl));
}

Result<Kernel> build(const ir::Kernel& kernel, const ir::Catalogue& ops, const CompileOptions& options) {
  auto prepared = prepare(kernel, ops);
  if (!prepared) return prepared.error();
  return build(std::move(*prepared), options);
}

namespace {

/// The built-in ops, with the caller's own in front of them if there are any.
class Ops {
 public:
  Result<void> add(const std::string& text) {
    if (text.empty()) return {};
    auto definitions = ops::parse_user_ops(text, ops::built_in(), "extra_ops");
    if (!definitions) return definitions.error();
    own_.emplace(ops::built_in(), std::move(*definitions));
    return {};
  }
  const ir::Catalogue& get() const {
    if (own_) return *own_;
    return ops::built_in();
  }

 private:
  std::optional<ops::UserCatalogue> own_;
};

}  // namespace

Result<Prepared> prepare(std::string_view text, const CompileOptions& options) {
  const DefaultEnvironment environment;  // literals are rounded and constants folded here
  Ops ops;
  if (auto added = ops.add(options.extra_ops); !added) return added.error();
  auto module = ops::parse_user_module(text, ops.get(), options.file);
  if (!module) return module.error();
  if (module->kernels.size() != 1)
    return Error(Status::invalid_text, "the text declares " + std::to_string(module->kernels.size()) +
                                           " kernels; compile() takes exactly one");
  if (module->definitions.empty()) return prepare(module->kernels[0], ops.get());
  const ops::UserCatalogue local(ops.get(), std::move(module->definitions));
  return prepare(module->kernels[0], local);
}

Result<Prepared> prepare_expression(std::string_view text, const std::vector<Name>& names,
                                    const CompileOptions& options) {
  const DefaultEnvironment environment;
  Ops ops;
  if (auto added = ops.add(options.extra_ops); !added) return added.error();
  std::vector<ir::FreeName> free;
  for (const Name& n : names) free.push_back({n.name, n.array, n.type});
  auto kernel = ir::parse_expression(text, free, ops.get(), options.file);
  if (!kernel) return kernel.error();
  return prepare(*kernel, ops.get());
}

}  // namespace runtime

inline namespace v0 {

Result<Kernel> compile(std::string_view text, const CompileOptions& options) {
  return runtime::guarded_and_told([&]() -> Result<Kernel> {
    const runtime::DefaultEnvironment environment;
    auto prepared = runtime::prepare(text, options);
    if (!prepared) return prepared.error();
    return runtime::build(std::move(*prepared), options);
  });
}

Result<Kernel> compile_expression(std::string_view text, const std::vector<Name>& names,
                                  const CompileOptions& options) {
  return runtime::guarded_and_told([&]() -> Result<Kernel> {
    const runtime::DefaultEnvironment environment;
    auto prepared = runtime::prepare_expression(text, names, options);
    if (!prepared) return prepared.error();
    return runtime::build(std::move(*prepared), options);
  });
}

Isa host_isa() { return runtime::host().isa.value_or(Isa::sse2); }

std::vector<int> vector_lengths(Isa isa) {
  std::vector<int> out;
  for (int bits : {128, 256, 512})
    if (runtime::host().isa && isa <= *runtime::host().isa && jit::has_vector_length(isa, bits) &&
        bits <= runtime::host().vector_bits_cap)
      out.push_back(bits);
  return out;
}

}  // namespace v0
}  // namespace trueno
