using System.Globalization;
using System.Text;
using Klp.Base;
using Klp.Conversion;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.TestKit;

/// <summary>
/// A small kernel around one module: symbols, exports, modules, and what is patched. Plans and converts with the real calls, and holds every
/// converted module to the output contract on the way.
/// </summary>
public sealed class PlanBench : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<KernelSymbol> _symbols = [];
    private readonly StringBuilder _symvers = new();
    private readonly List<(string Object, string Function, string? Callback)> _patched = [];
    private readonly StringBuilder _dependencies = new();
    private ulong _address = 0xffffffff81000000;
    private string? _vmlinux;
    private bool _hasModules;

    public LoaderRules Rules { get; set; } = LoaderRules.For("6.12.0");

    public List<SymbolHint> Hints { get; } = [];

    public List<string> DeclaredObjects { get; } = [];

    public bool WithoutImage { get; set; }

    public ElfMachine? TargetMachine { get; set; }

    /// <summary>False stands for tables that are made in code.</summary>
    public bool PatchIsReadable { get; set; } = true;

    public bool ConvertModuleExports { get; set; } = true;

    public DiagnosticBag Diagnostics { get; private set; } = new();

    public SymbolPlan? Plan { get; private set; }

    /// <summary>The converted module as read back from its bytes; null where plan or conversion failed.</summary>
    public ElfFile? Output { get; private set; }

    public byte[] OutputBytes { get; private set; } = [];

    /// <summary>Symbols at ascending addresses, in the order of the calls.</summary>
    public void Symbol(string objectName, string name, int count = 1, char type = 't', bool init = false, string? file = null)
    {
        for (var i = 0; i < count; i++)
        {
            _symbols.Add(new KernelSymbol(objectName, name, _address, type, 0, 0, init, file));
            _address += 0x40;
        }
    }

    public void Export(string name, string owner, string @namespace = "") =>
        _symvers.Append(CultureInfo.InvariantCulture, $"0x12345678\t{name}\t{owner}\tEXPORT_SYMBOL_GPL\t{@namespace}\n");

    /// <summary>A module with a file, compiled from C; its symbols are its own, not kallsyms'.</summary>
    public void Module(string name, string source, params IEnumerable<string> dependencies)
    {
        _hasModules = true;
        _folder.Write($"modules/kernel/{name}.ko", CCompiler.Compile(source, "gcc", [.. TestMachine.X86_64.Options]));
        _dependencies.Append(CultureInfo.InvariantCulture, $"kernel/{name}.ko:{string.Concat(dependencies.Select(d => $" kernel/{d}.ko"))}\n");
    }

    /// <summary>A module whose file has lost its symbol table.</summary>
    public void StrippedModule(string name)
    {
        Module(name, "int a;");
        CCompiler.Run("strip", _folder.Path, "--strip-all", $"modules/kernel/{name}.ko");
    }

    /// <summary>A function of the module under test replaces one of the object.</summary>
    public void Patch(string objectName, string function) => _patched.Add((objectName, function, null));

    public void Callback(string objectName, string kind, string function) => _patched.Add((objectName, function, kind));

    /// <summary>Uses an ELF vmlinux made of these C files as symbol source.</summary>
    public void LinkVmlinux(params IEnumerable<(string File, string Source)> files)
    {
        var objects = new List<string>();
        foreach (var (file, source) in files)
        {
            var input = _folder.Write("vmlinux/" + file, source);
            objects.Add(input + ".o");
            CCompiler.Run("gcc", Path.GetDirectoryName(input)!, [.. TestMachine.X86_64.Options, "-O0", "-c", Path.GetFileName(input), "-o", input + ".o"]);
        }

        _vmlinux = Path.Combine(_folder.Path, "vmlinux/vmlinux");
        CCompiler.Run("ld", _folder.Path, ["-Ttext=0xffffffff81000000", "-e", "0", .. objects, "-o", _vmlinux]);
    }

    public SymbolIndex? OpenIndex(DiagnosticBag diagnostics)
    {
        if (WithoutImage)
        {
            return null;
        }

        if (_hasModules)
        {
            _folder.Write("modules/modules.dep", _dependencies.ToString());
            _folder.Write("modules/modules.builtin", "");
        }

        var folder = Path.Combine(_folder.Path, "modules");
        if (_vmlinux is not null)
        {
            return SymbolIndex.Open(new SymbolSources { VmlinuxFile = _vmlinux, ModulesDirectory = _hasModules ? folder : null }, null, Rules, diagnostics) ?? throw new InvalidOperationException(diagnostics.ToString());
        }

        var modules = _hasModules ? KernelModules.Open(folder, diagnostics) ?? throw new InvalidOperationException(diagnostics.ToString()) : null;
        return SymbolIndex.FromSymbols(_symbols.Prepend(new KernelSymbol("vmlinux", "_text", 0xffffffff80000000, 'T', 0, 0, false, null)), Rules, modules);
    }

    public PlanInput Input(ElfFile module, DiagnosticBag diagnostics)
    {
        var symvers = Symvers.Read([_folder.Write("Module.symvers", "0x00000001\tthe_kernel_has_exports\tvmlinux\tEXPORT_SYMBOL\t\n" + _symvers)], diagnostics)
            ?? throw new InvalidOperationException(diagnostics.ToString());
        return new PlanInput
        {
            Module = module,
            Patch = PatchOf(module),
            Symvers = symvers,
            Index = OpenIndex(new DiagnosticBag()),
            Rules = Rules,
            TargetMachine = TargetMachine,
            Hints = Hints,
            DeclaredObjects = DeclaredObjects,
            ModuleName = "test",
            ModulePath = "test.ko",
            Lines = LineTable.Read(module),
            ConvertModuleExports = ConvertModuleExports,
        };
    }

    /// <summary>Plans and converts; where that succeeds, once more on the output, which must not change.</summary>
    public ElfFile? Run(ElfFile module)
    {
        Diagnostics = new DiagnosticBag();
        var original = CCompiler.Read(module.Write());
        var input = Input(module, Diagnostics);
        Plan = SymbolPlan.Compute(input, Diagnostics);
        Output = null;
        if (Diagnostics.HasErrors || Converter.Convert(module, Plan, Rules, Diagnostics) is not { } converted)
        {
            return null;
        }

        OutputBytes = converted.Write();
        Output = CCompiler.Read(OutputBytes);
        OutputContract.Check(original, Output, Plan);
        CheckIdempotence();
        return Output;
    }

    public IReadOnlyList<string> Codes(Severity least) => [.. Diagnostics.Where(d => d.Severity == Severity.Error || least != Severity.Error && d.Severity == least).Select(d => d.Id).Distinct().Order()];

    public void Dispose() => _folder.Dispose();

    private void CheckIdempotence()
    {
        var again = new DiagnosticBag();
        var module = CCompiler.Read(OutputBytes);
        var plan = SymbolPlan.Compute(Input(module, again), again);
        if (again.HasErrors || plan.ChangesModule || Converter.Convert(module, plan, Rules, again) is not { } second || !second.Write().AsSpan().SequenceEqual(OutputBytes))
        {
            throw new InvalidOperationException("Converting the output again changed it: " + again);
        }
    }

    private PatchModel PatchOf(ElfFile module)
    {
        var objects = new List<PatchedObject>();
        foreach (var group in _patched.GroupBy(p => p.Object))
        {
            List<PatchedFunction> functions = [];
            List<PatchCallback> callbacks = [];
            foreach (var (_, function, callback) in group)
            {
                var symbol = module.Symbols.FirstOrDefault(s => s.Name == function && s.IsInSection);
                if (symbol is null && function != "-")
                {
                    throw new InvalidOperationException($"The module has no function {function}.");
                }

                if (callback is null && symbol is not null)
                {
                    functions.Add(new PatchedFunction(function, 0, symbol.SectionIndex, symbol.Value, function, SourcePlace.None));
                }
                else if (symbol is not null)
                {
                    callbacks.Add(new PatchCallback(callback!, symbol.SectionIndex, symbol.Value, SourcePlace.None));
                }
            }

            objects.Add(new PatchedObject(group.Key, functions, callbacks, SourcePlace.None));
        }

        return new PatchModel { Objects = objects, IsReadable = PatchIsReadable, HasPatch = objects.Count > 0 || !PatchIsReadable };
    }
}
