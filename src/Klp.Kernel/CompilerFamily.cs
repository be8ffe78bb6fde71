namespace Klp.Kernel;

public enum CompilerFamily
{
    Gcc,
    Clang,
}
