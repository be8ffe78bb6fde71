using System.CommandLine;
using System.Text;

namespace Klp.Cli.Commands;

/// <summary>The options of <c>klp run</c>. Each has a project property with the same meaning, named in its description.</summary>
internal sealed class RunOptions
{
    public Option<string> Module { get; } = new Option<string>("--module", "-m") { Description = "The finished livepatch module.", Required = true, HelpName = "x.ko" }.NotEmpty();

    public Option<string> Image { get; } = new("--image") { Description = "The kernel's image (KlpKernelImageFile).", HelpName = "vmlinuz" };

    public Option<string> ModulesDirectory { get; } = new("--modules-directory")
    {
        Description = "lib/modules/<release> of that kernel (KlpKernelModulesDirectory); modules that the patch patches are loaded from it.", HelpName = "folder",
    };

    public Option<string> ShowCommand { get; } = new("--show-command")
    {
        Description = "Command of the guest's shell, shown before, with and after the patch (KlpShowCommand). Default: the patch's state in sysfs.", HelpName = "command",
    };

    public Option<string[]> LoadBefore { get; } = new("--load-before") { Description = "Module of the kernel (or a .ko file, with a slash) to load before the patch; repeatable.", HelpName = "name" };

    public Option<string[]> LoadAfter { get; } = new("--load-after") { Description = "The same, to load when the patch is in place; repeatable.", HelpName = "name" };

    public Option<string> Qemu { get; } = new("--qemu") { Description = "The QEMU program (KlpQemuPath).", HelpName = "path" };

    public Option<string> QemuOptions { get; } = new("--qemu-options") { Description = "More options for QEMU, as one word (KlpQemuOptions).", HelpName = "words" };

    public Option<int> Memory { get; } = new("--memory") { Description = "Memory of the machine in MiB (KlpGuestMemory).", HelpName = "MiB", DefaultValueFactory = _ => 512 };

    public Option<int> Timeout { get; } = new("--timeout")
    {
        Description = "Seconds after which the machine is stopped (KlpGuestTimeout). Default: 120; none for a shell at a terminal.", HelpName = "seconds",
    };

    public Option<bool> NoAcceleration { get; } = new("--no-acceleration") { Description = "Emulate the processor even where KVM works." };

    public Option<bool> Interactive { get; } = new("--interactive", "-i") { Description = "Connect the command with this terminal; `-- sh` does so by itself." };

    public Option<bool> Encoded { get; } = new("--encoded") { Description = "The values of --show-command and --qemu-options are base64: how the SDK hands them over.", Hidden = true };

    public Argument<string[]> Command { get; } = new("command")
    {
        Description = "After --: run this in the guest with the patch loaded, in place of the shows. `sh` alone is an interactive shell.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>The value of an option that may be encoded; null where it is not given. Broken base64 is taken as it stands.</summary>
    public string? Text(ParseResult parsed, Option<string> option)
    {
        var value = parsed.GetValue(option);
        var bytes = new byte[value?.Length ?? 0];
        return value is { Length: > 0 } && parsed.GetValue(Encoded) && Convert.TryFromBase64String(value, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : value;
    }

    public Command AddTo(Command command)
    {
        foreach (var number in new[] { Memory, Timeout })
        {
            number.Validators.Add(r =>
            {
                if (r.Tokens.Count > 0 && int.TryParse(r.Tokens[0].Value, out var value) && value <= 0)
                {
                    r.AddError($"{number.Name} takes a number above 0, not {value}.");
                }
            });
        }

        command.Arguments.Add(Command);
        foreach (var option in new Option[] { Module, Image, ModulesDirectory, ShowCommand, LoadBefore, LoadAfter, Qemu, QemuOptions, Memory, Timeout, NoAcceleration, Interactive, Encoded })
        {
            command.Options.Add(option);
        }

        return command;
    }
}
