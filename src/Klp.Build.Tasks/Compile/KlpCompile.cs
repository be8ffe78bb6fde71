using System.Globalization;
using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;
using Klp.Toolchain;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpCompile : ModuleStage
{
    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var profile = Profile;
        if (Request(profile, diagnostics) is not { } request)
        {
            return;
        }

        var database = OptionalPath(CompileCommandsFile);
        if (DatabaseOnly)
        {
            _ = database is null || CompileCommands.Write(database, request, diagnostics);
            return;
        }

        var isFirst = !File.Exists(request.StateFile);
        var written = false;
        var said = new DiagnosticBag();
        void Meanwhile(CancellationToken enough)
        {
            if (database is not null)
            {
                WriteDatabase(database, request, said);
                written = true;
            }

            Prepare(profile, isFirst, enough);
        }

        var result = Compiler.Compile(request with { Meanwhile = enough => Forgiven(() => Meanwhile(enough)) }, diagnostics, cancellation);
        diagnostics.AddRange(said);
        if (database is not null && !written && (result is null || result.Removed.Count > 0 || result.Objects.Any(o => o.Reason is not null) || !File.Exists(database)))
        {
            // Also after a failure: that is when an editor is looked at.
            WriteDatabase(database, request, diagnostics);
        }

        if (result is null)
        {
            return;
        }

        foreach (var done in result.Objects)
        {
            if (done.Reason is null)
            {
                Log.LogMessage(MessageImportance.Low, "{0}: up to date", done.Source);
            }
            else
            {
                Log.LogMessage(MessageImportance.Normal, "Compiling {0}: {1}", Path.GetRelativePath(ProjectDirectory, done.Source), done.Reason);
                Log.LogCommandLine(MessageImportance.Low, string.Join(' ', done.Command));
            }
        }

        Objects = [.. result.Objects.Select(o => OutputItem.Create(o.ObjectFile, ("Source", o.Source), ("Dependencies", OwnFiles(o))))];
    }

    // For the stages behind this one: digests of what they read, where they have no record of it yet, and what the kernel exports. The index is one of its own: the first stage that opens the build's says where
    // its symbols come from.
    private void Prepare(KernelProfile profile, bool isFirst, CancellationToken enough)
    {
        var digests = Facts.Digests();
        foreach (var file in isFirst ? CommonInputs().TakeWhile(_ => !enough.IsCancellationRequested) : [])
        {
            digests.Prepare(file);
        }

        // The index is finished also when the compilers are done before it, for the next stage needs it; only a cancelled build does not.
        // One of several kernels: the processors have the compilers of the others to run.
        var ignored = new DiagnosticBag();
        if (KernelFacts.FindingsPlace is null && Rules(ignored) is { } rules && Symvers(ignored) is { } symvers
            && profile.RehearsalFile is { } rehearsal && Facts.IsFirst("rehearsal") && SafeFile.Read(rehearsal, ignored) is { } patch
            && SymbolIndex.Open(SymbolSources(), FullPath(KernelFacts.CacheDirectory), rules, ignored, Cancellation) is { } index)
        {
            new Rehearsal(profile, rules, symvers, index).Run(patch, enough);
        }
    }

    private static void Forgiven(Action action)
    {
        try
        {
            action();
        }
#pragma warning disable CA1031 // Whatever is wrong, the stage itself will meet it and say so.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Nothing depends on what is done ahead.
        }
    }

    // It lies among the sources, which may be somebody else's or read-only. The module does not need it.
    private static void WriteDatabase(string database, CompileRequest request, DiagnosticBag diagnostics)
    {
        var said = new DiagnosticBag();
        CompileCommands.Write(database, request, said);
        diagnostics.AddRange(said.Select(d => d with { Severity = Severity.Warning, Cure = "Editors need it, the build does not: make the folder writable, or set GenerateCompileCommands to false." }));
    }

    // Only files below the source's folder count for srcversion; the kernel's headers are hundreds.
    private static string OwnFiles(CompiledObject done)
    {
        var folder = Path.GetDirectoryName(done.Source) + "/";
        return string.Join('\n', done.Dependencies.Where(d => d.StartsWith(folder, StringComparison.Ordinal)));
    }

    // A directory is read in an order of the file system's own; the objects' order is the module's layout.
    private static IEnumerable<ITaskItem> Ordered(ITaskItem[] sources)
    {
        var sorted = new Queue<ITaskItem>(sources.Where(IsUnsorted).OrderBy(s => s.ItemSpec, StringComparer.Ordinal));
        return sources.Select(s => IsUnsorted(s) ? sorted.Dequeue() : s);
    }

    private static bool IsUnsorted(ITaskItem source) => source.GetMetadata("Unsorted").Length > 0;

    private CompileSource Source(ITaskItem source, DiagnosticBag diagnostics)
    {
        var path = FullPath(source.ItemSpec);
        return new CompileSource(path) { Options = Words.Split(source.GetMetadata("CompilerOptions"), "CompilerOptions of this source", new SourcePlace(path), diagnostics) };
    }

    private SourcePlace ProjectPlace => new(ProjectFile);

    private CompileRequest? Request(KernelProfile profile, DiagnosticBag diagnostics)
    {
        var parallelism = 0;
        if (MaxParallelism.Length > 0 && (!int.TryParse(MaxParallelism, NumberStyles.None, CultureInfo.InvariantCulture, out parallelism) || parallelism < 1))
        {
            diagnostics.Error("KLP0029", ProjectFile, $"KlpMaxParallelism is '{MaxParallelism}', which is no number of compilers.", "Use a whole number from 1, or remove it.");
            return null;
        }

        CompileSource[] sources = [.. Ordered(Sources).Where(s => KernelPattern.Matches(s.GetMetadata("Kernels"), KernelFacts.Release)).Select(s => Source(s, diagnostics))];
        var options = Words.Split(CompilerOptions, "KlpCompilerOptions", ProjectPlace, diagnostics);
        var launcher = Words.Split(CompilerLauncher, "KlpCompilerLauncher", ProjectPlace, diagnostics);
        return diagnostics.HasErrors ? null : new CompileRequest
        {
            Profile = profile,
            Sources = sources,
            SourcesForOtherKernels = Sources.Length - sources.Length,
            ModuleName = TargetName,
            ObjectDirectory = FullPath(ObjectDirectory),
            ProjectDirectory = ProjectDirectory,
            SearchPath = SearchPath,
            IncludeDirectories = [.. IncludeDirectories.Select(FullPath)],
            SdkIncludeDirectory = OptionalPath(SdkIncludeDirectory),
            Defines = Defines,
            ExtraOptions = options,
            Launcher = launcher,
            Environment = LauncherEnvironment.Select(v => v.Split('=', 2)).Where(v => v.Length == 2 && v[1].Length > 0).ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal),
            MaximumParallelism = parallelism,
            Deterministic = Deterministic,
            Slots = Facts.CompilerSlots(),
            WhileCompiling = () => new Yielded(BuildEngine3),
        };
    }
}
