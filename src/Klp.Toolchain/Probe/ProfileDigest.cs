using Klp.Base;
using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>The one digest that stands for a profile in every fingerprint.</summary>
internal static class ProfileDigest
{
    public static string Of(KernelProfile profile, IEnumerable<FileRecord> tools)
    {
        using var writer = new StateWriter("digest", ProfileFormat.Version);
        ProfileFormat.WriteCode(writer, profile);
        foreach (var tool in tools)
        {
            writer.Write(tool.Digest);
        }

        return Digest.OfBytes(writer.Bytes());
    }
}
