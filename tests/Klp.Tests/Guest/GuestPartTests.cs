using Klp.Base;
using Klp.Guest;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Guest;

/// <summary>What goes into a guest besides the patch: modules of its kernel, and the shell.</summary>
public sealed class GuestPartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DiagnosticBag _said = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_module_that_is_to_be_loaded_and_is_not_there_is_one_error_with_the_reason()
    {
        var modules = KernelModules.Open(Kernels.Newest.ModulesDirectory, _said)!;

        Refused("no_such_module", modules, modules.Directory, "The module 'no_such_module' is to be loaded. This kernel has no module 'no_such_module'.", "Check the name");
        Refused("no_such_module", null, null, "it is not known where the kernel's modules are", "KlpKernelModulesDirectory (klp run: --modules-directory)");
        Refused(_folder.Combine("gone.ko"), modules, _folder.Combine("gone.ko"), "it does not exist", "Check its name");
        var damaged = _folder.Write("damaged.ko.xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4, 1, 2, 3]);
        Refused(damaged, modules, damaged, $"The module '{damaged}' is to be loaded. ", "");
    }

    [Fact]
    public void A_busybox_of_another_kind_on_the_path_hides_no_static_one()
    {
        var path = _folder.Combine("busybox");
        File.Copy("/bin/true", path);

        var found = BusyBox.Read(GuestArchitecture.X86_64, _folder.Combine("boot", "vmlinuz"), _folder.Path, _said);

        Assert.Empty(_said);
        Assert.True(BusyBox.IsStatic(found, GuestArchitecture.X86_64.Machine));
    }

    private static void Refused(string name, KernelModules? modules, string? place, string message, string cure)
    {
        var said = new DiagnosticBag();
        Assert.Null(TargetModules.Closure(name, modules, said));
        var error = Assert.Single(said);
        Assert.Equal(("KLP0812", Severity.Error, place), (error.Id, error.Severity, error.Place.File));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(cure, error.Cure, StringComparison.Ordinal);
    }
}
