using System.Diagnostics;
using Klp.Base;
using Klp.Conversion;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Klp.Tests.Plan;

/// <summary>
/// Real modules of real kernels: what the distribution itself linked needs no conversion, so whatever the plan would change in one of them is a mistake.
/// </summary>
public sealed class ShippedModuleTests(ITestOutputHelper output)
{
    [Fact]
    public void Modules_that_ship_with_the_kernel_need_no_conversion()
    {
        var kernel = Kernels.All[0];
        var diagnostics = new DiagnosticBag();
        var modules = KernelModules.Open(kernel.ModulesDirectory, diagnostics)!;
        var symvers = Symvers.Read([Path.Combine(kernel.BuildDirectory, "Module.symvers")], diagnostics)!;
        var rules = LoaderRules.For(kernel.Release);
        var index = SymbolIndex.Open(new SymbolSources { ImageFile = kernel.ImageFile, ModulesDirectory = kernel.ModulesDirectory }, null, rules, diagnostics)!;
        Assert.False(diagnostics.HasErrors, diagnostics.ToString());

        // Every twentieth, in a fixed order: large and small ones of every subsystem.
        var (checkedModules, imports, elapsed) = (0, 0, TimeSpan.Zero);
        foreach (var name in modules.Names.Order(StringComparer.Ordinal).Where((_, i) => i % 20 == 0))
        {
            var module = modules.Load(name, diagnostics)!;
            var said = new DiagnosticBag();
            var start = Stopwatch.GetTimestamp();
            var plan = SymbolPlan.Compute(new PlanInput { Module = module, Patch = PatchModel.None, Symvers = symvers, Index = index, Rules = rules, ModuleName = name }, said);
            elapsed += Stopwatch.GetElapsedTime(start);
            Assert.False(said.HasErrors, $"{name}: {said}");
            Assert.False(plan.ChangesModule, name);
            Assert.All(module.Symbols.Index().Skip(1).Where(s => s.Item.IsUndefined), s => Assert.Contains(plan.Symbols, p => p.SymbolIndex == s.Index));
            Assert.NotNull(Converter.Convert(module, plan, rules, said));
            (checkedModules, imports) = (checkedModules + 1, imports + plan.Imports.Count());
        }

        output.WriteLine($"{checkedModules} modules, {imports} imports, {elapsed.TotalMilliseconds / checkedModules:0.00} ms each");
        Assert.True(checkedModules > 100);
    }
}
