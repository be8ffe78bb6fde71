// The library calls of this room pass nothing that .NET would have to convert, so their stubs are compiled ahead.
[assembly: System.Runtime.CompilerServices.DisableRuntimeMarshalling]
