using System.Text;

namespace Klp.Guest;

/// <summary>Builds the guest's whole file system: a static busybox, our /init with its steps, the modules and the request's files. Nothing else of the host is in it.</summary>
internal static class Initramfs
{
    public static byte[] Build(GuestArchitecture architecture, GuestRequest request, ReadOnlySpan<byte> busybox, string token)
    {
        var archive = new CpioWriter();
        foreach (var folder in (string[])["bin", "dev", "etc", "proc", "sys", "tmp", "root"])
        {
            archive.AddFolder(folder);
        }

        // The kernel opens it for init before anything is mounted.
        archive.AddCharacterDevice("dev/console", 5, 1);
        archive.AddFile("bin/busybox", busybox, executable: true);
        archive.AddFile("init", Encoding.UTF8.GetBytes(InitScript.Write(architecture, request.Steps, request.Terminal)), executable: true);
        archive.AddFile(InitScript.TokenFile, Encoding.ASCII.GetBytes(token + "\n"));
        for (var i = 0; i < request.Steps.Count; i++)
        {
            archive.AddFile(InitScript.StepFile(i), Encoding.UTF8.GetBytes(request.Steps[i].Script + "\n"));
        }

        foreach (var module in request.Modules)
        {
            archive.AddFile(GuestStep.GuestPath(module).TrimStart('/'), module.Content.Span);
        }

        foreach (var file in request.Files)
        {
            archive.AddFile(file.Path.TrimStart('/'), file.Content.Span, executable: true);
        }

        return archive.ToArray();
    }
}
