using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Symbols of vmlinux from the table embedded in its image: exactly what the running kernel searches, in its order.</summary>
internal static class ImageSymbolSource
{
    public static SymbolTables Read(KernelImage image, Func<ulong, string, string?>? sourceFileOf = null)
    {
        var table = image.Kallsyms;
        var builder = new ObjectSymbolsBuilder(table.Count);
        Span<byte> buffer = stackalloc byte[KallsymsTable.LongestName];
        var addresses = table.Addresses;
        var next = 0; // first symbol with a larger address
        for (var i = 0; i < addresses.Length; i++)
        {
            var length = table.Expand(i, buffer);
            if (length < 2)
            {
                continue;
            }

            var address = addresses[i];
            while (next < addresses.Length && addresses[next] <= address)
            {
                next++;
            }

            var type = (char)buffer[0];
            var flags = image.IsInit(address) ? SymbolFlags.Init : SymbolFlags.None;
            if (image.Ftrace is { } sites)
            {
                var size = next < addresses.Length ? addresses[next] - address : 0;
                flags |= SymbolFlags.FtraceKnown;
                if (type is 't' or 'T' or 'w' or 'W' && sites.IsInside(address, size))
                {
                    flags |= SymbolFlags.FtraceEntry | (sites.HasStray(address, size) ? SymbolFlags.FtraceStray : 0);
                }
            }

            var name = buffer[1..length];
            builder.Add(name, address, type, flags, 0, sourceFileOf?.Invoke(address, System.Text.Encoding.Latin1.GetString(name)));
        }

        string?[] limits =
        [
            sourceFileOf is null ? "C file names" : null,
            image.Ftrace is null ? "which functions ftrace can hook" : null,
            image.HasData ? null : "data (this kernel was built without CONFIG_KALLSYMS_ALL, which livepatching needs)",
        ];
        return new SymbolTables
        {
            Objects = new Dictionary<string, ObjectSymbols> { [ObjectName.Vmlinux] = ObjectSymbols.Open(ObjectName.Vmlinux, builder.Build())! },
            Release = image.Release,
            BuildId = image.BuildId is { } id ? Convert.ToHexStringLower(id) : null,
            Description = $"the symbol table embedded in the kernel ({image.Packaging})",
            Limits = string.Join(", ", limits.OfType<string>()),
        };
    }
}
